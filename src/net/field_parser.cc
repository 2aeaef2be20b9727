#include "net/field_parser.h"

#include <cstring>
#include <limits>

#include "net/characters.h"

namespace orchestra::net {

namespace {

std::optional<Refusal> note_length(std::string_view value, Framing& framing) noexcept {
  if (framing.content_length) return Refusal{400, "Content-Length must be sent once."};
  if (value.empty()) return Refusal{400, "Content-Length must be a decimal number."};
  std::uint64_t length = 0;
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  for (const char c : value) {
    if (c < '0' || c > '9') return Refusal{400, "Content-Length must be one decimal number."};
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (kLargest - digit) / 10) return Refusal{400, "Content-Length is too large to be true."};
    length = length * 10 + digit;
  }
  framing.content_length = length;
  return std::nullopt;
}

// RFC 9112 6.3: without `chunked` as the last coding the length of a request is unknown, which is a 400; a coding in
// front of it that we do not implement is a 501 (6.1).
std::optional<Refusal> note_transfer_encoding(std::string_view value, Framing& framing) noexcept {
  if (framing.transfer_encoding) return Refusal{400, "Transfer-Encoding must be sent once."};
  framing.transfer_encoding = true;
  if (equals_lowered(value, "chunked")) {
    framing.chunked = true;
    return std::nullopt;
  }
  const auto comma = value.rfind(',');
  if (comma == std::string_view::npos || !equals_lowered(trimmed(value.substr(comma + 1)), "chunked")) {
    return Refusal{400, "The only Transfer-Encoding that this server reads is `chunked`."};
  }
  const std::string_view before = trimmed(value.substr(0, comma));
  if (!all_are(before, kToken) || before.empty() || equals_lowered(before, "chunked")) {
    return Refusal{400, "The only Transfer-Encoding that this server reads is `chunked`, once."};
  }
  return Refusal{501, "The only Transfer-Encoding that this server implements is `chunked`."};
}

void note_connection(std::string_view value, Framing& framing) noexcept {
  while (!value.empty()) {
    const auto comma = value.find(',');
    const std::string_view option = trimmed(value.substr(0, comma));
    if (equals_lowered(option, "close")) framing.close = true;
    if (equals_lowered(option, "keep-alive")) framing.keep_alive = true;
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace

Line next_line(std::string_view text, std::size_t from) noexcept {
  const auto* start = text.data() + from;
  const auto* end = static_cast<const char*>(std::memchr(start, '\n', text.size() - from));
  if (end == nullptr) return {};
  if (end == start || end[-1] != '\r') return {Progress::kRefused, {}};
  return {Progress::kDone, {start, static_cast<std::size_t>(end - start) - 1}};
}

std::optional<Refusal> parse_field(std::string_view line, FieldView& field) noexcept {
  std::size_t colon = 0;
  while (colon < line.size() && is(line[colon], kToken)) ++colon;
  if (colon == line.size()) return Refusal{400, "A header line has no colon."};
  if (line[colon] != ':') {
    if (colon == 0 && (line[0] == ' ' || line[0] == '\t')) {
      return Refusal{400, "Folded header lines are not accepted; send each field on one line."};
    }
    return Refusal{400, "A header name may only consist of letters, digits and !#$%&'*+-.^_`|~."};
  }
  if (colon == 0) return Refusal{400, "A header line has no name."};
  field.name = line.substr(0, colon);
  field.value = trimmed(line.substr(colon + 1));
  if (!all_are(field.value, kFieldByte)) return Refusal{400, "A header value holds a control byte."};
  return std::nullopt;
}

std::optional<Refusal> note_framing(const FieldView& field, Framing& framing) noexcept {
  switch (field.name.size()) {
    case 10:
      if (equals_lowered(field.name, "connection")) note_connection(field.value, framing);
      break;
    case 14:
      if (equals_lowered(field.name, "content-length")) return note_length(field.value, framing);
      break;
    case 17:
      if (equals_lowered(field.name, "transfer-encoding")) return note_transfer_encoding(field.value, framing);
      break;
    default: break;
  }
  return std::nullopt;
}

}  // namespace orchestra::net
