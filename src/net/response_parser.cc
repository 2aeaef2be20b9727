#include "net/response_parser.h"

#include "net/characters.h"

namespace orchestra::net {

namespace {

constexpr std::size_t kMostFields = 256;

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// "HTTP/1.1 200 OK". Servers that leave out the space before an empty reason are many enough to be read.
bool parse_status_line(std::string_view line, ResponseHead& head) noexcept {
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || !digit(line[7]) || line[8] != ' ') return false;
  for (const std::size_t i : {9, 10, 11}) {
    if (!digit(line[i])) return false;
    head.status = head.status * 10 + (line[i] - '0');
  }
  if (line.size() > 12 && line[12] != ' ') return false;
  head.minor_version = line[7] == '0' ? 0 : 1;
  return head.status >= 100 && head.status < 600 && (line.size() <= 13 || all_are(line.substr(13), kFieldByte));
}

std::optional<Refusal> parse_fields(std::string_view text, std::size_t& at, ResponseHead& head, bool& more) {
  while (true) {
    const Line line = next_line(text, at);
    more = line.progress == Progress::kMore;
    if (more) return std::nullopt;
    if (line.progress == Progress::kRefused) return Refusal{502, "a line without CR LF"};
    at += line.text.size() + 2;
    if (line.text.empty()) return std::nullopt;
    if (head.fields.size() == kMostFields) return Refusal{502, "too many header fields"};
    FieldView field;
    if (auto bad = parse_field(line.text, field)) return bad;
    if (auto bad = note_framing(field, head.framing)) return bad;
    head.fields.push_back(field);
  }
}

}  // namespace

BodyEnd ResponseHead::body_end(bool to_head_request) const noexcept {
  if (to_head_request || status < 200 || status == 204 || status == 304) return BodyEnd::kNone;
  if (framing.chunked) return BodyEnd::kChunked;
  if (framing.content_length) return *framing.content_length == 0 ? BodyEnd::kNone : BodyEnd::kLength;
  return BodyEnd::kClose;
}

void ResponseHead::clear() noexcept {
  auto kept = std::move(fields);
  kept.clear();
  *this = ResponseHead();
  fields = std::move(kept);
}

Progress parse_response_head(std::string_view text, std::size_t limit, ResponseHead& head, Refusal& refusal) {
  head.clear();
  const auto refused = [&](std::string_view why) {
    refusal = {502, why};
    return Progress::kRefused;
  };
  const auto unfinished = [&] { return text.size() > limit ? refused("a head that is too large") : Progress::kMore; };
  const Line line = next_line(text, 0);
  if (line.progress == Progress::kMore) return unfinished();
  if (line.progress == Progress::kRefused) return refused("a line without CR LF");
  if (!parse_status_line(line.text, head)) return refused("a status line that is not HTTP/1.1");
  std::size_t at = line.text.size() + 2;
  bool more = false;
  if (auto bad = parse_fields(text, at, head, more)) return refused(bad->why);
  if (more) return unfinished();
  if (at > limit) return refused("a head that is too large");
  if (head.framing.transfer_encoding && head.framing.content_length) {
    return refused("both Content-Length and Transfer-Encoding");
  }
  if (head.framing.transfer_encoding && head.minor_version == 0) return refused("Transfer-Encoding in HTTP/1.0");
  head.size = at;
  return Progress::kDone;
}

}  // namespace orchestra::net
