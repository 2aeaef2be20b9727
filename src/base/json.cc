#include "base/json.h"

#include <fmt/format.h>

#include <cmath>

namespace orchestra {
namespace {

// Length of the valid UTF-8 sequence at `text[at]`, or 0 (RFC 3629: no surrogates, no overlong forms).
std::size_t utf8_length(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const auto left = text.size() - at;
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return left >= 2 && follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (left < 3 || !follows(1) || !follows(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (left < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

void append_escape(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
  }
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::system::error_code error;
  json::parser parser({}, options);
  const std::size_t parsed = parser.write(text.data(), text.size(), error);
  if (!error && parsed != text.size()) error = json::make_error_code(json::error::extra_data);
  if (error) {
    return fail(Fault::kInvalid, fmt::format("The JSON is not valid at byte {}: {}.", parsed, error.message()));
  }
  return parser.release();
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t start = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
      ++at;
      continue;
    }
    const std::size_t length = byte < 0x80 ? 0 : utf8_length(text, at);
    if (length > 0) {
      at += length;
      continue;
    }
    out.append(text, start, at - start);
    if (byte < 0x80) {
      append_escape(out, byte);
    } else {
      out += "\xEF\xBF\xBD";
    }
    start = ++at;
  }
  out.append(text, start, at - start);
  out += '"';
}

const json::value* find(const json::value& object, std::string_view key) noexcept {
  const auto* members = object.if_object();
  return members ? members->if_contains(key) : nullptr;
}

std::optional<std::string_view> find_string(const json::value& object, std::string_view key) noexcept {
  const auto* value = find(object, key);
  const auto* text = value ? value->if_string() : nullptr;
  if (!text) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::optional<std::int64_t> find_int(const json::value& object, std::string_view key) noexcept {
  const auto* value = find(object, key);
  if (!value) return std::nullopt;
  if (const auto* number = value->if_int64()) return *number;
  if (const auto* real = value->if_double(); real && *real == std::floor(*real) && std::abs(*real) < 9.0e15) {
    return static_cast<std::int64_t>(*real);
  }
  return std::nullopt;
}

std::optional<double> find_number(const json::value& object, std::string_view key) noexcept {
  const auto* value = find(object, key);
  if (!value || !value->is_number()) return std::nullopt;
  return value->is_double()  ? value->get_double()
         : value->is_int64() ? static_cast<double>(value->get_int64())
                             : static_cast<double>(value->get_uint64());
}

std::optional<bool> find_bool(const json::value& object, std::string_view key) noexcept {
  const auto* value = find(object, key);
  const auto* flag = value ? value->if_bool() : nullptr;
  return flag ? std::optional<bool>(*flag) : std::nullopt;
}

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

template <class T>
JsonWriter& JsonWriter::floating(T value) {
  separate();
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out_), "{}", value);
  } else {
    out_ += "null";
  }
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  return floating(value);
}

JsonWriter& JsonWriter::number(float value) {
  return floating(value);
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json_text) {
  separate();
  out_ += json_text;
  return *this;
}

}  // namespace orchestra
