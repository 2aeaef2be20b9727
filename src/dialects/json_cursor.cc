#include "dialects/json_cursor.h"

#include <emmintrin.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace orchestra {
namespace {

constexpr std::size_t kMostExponentDigits = 9;

bool is_special(char byte) noexcept {
  return static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\';
}

// The first quote, backslash or control byte from `at` on, sixteen bytes at a time (SSE2, which every x86-64 has).
std::size_t find_special(std::string_view text, std::size_t at) noexcept {
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  for (; text.size() - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    // An unsigned minimum that changes nothing: the byte is at most 0x1F.
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i either = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash));
    const int hits = _mm_movemask_epi8(_mm_or_si128(control, either));
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(hits)));
  }
  while (at < text.size() && !is_special(text[at])) ++at;
  return at;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::uint32_t parse_hex4(std::string_view text) noexcept {
  std::uint32_t code = 0;
  std::from_chars(text.data(), text.data() + 4, code, 16);
  return code;
}

// A double holds every number of up to 308 digits, unless an exponent makes more of them.
constexpr std::size_t kAlwaysInRange = 308;

bool overflows(std::string_view number) {
  double value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  if (parsed.ec != std::errc::result_out_of_range) return false;
  // Out of range is also what is too small to tell from 0.
  return std::isinf(std::strtod(std::string(number).c_str(), nullptr));
}

}  // namespace

void JsonCursor::skip_space() noexcept {
  while (at_ < text_.size()) {
    const char byte = text_[at_];
    if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return;
    ++at_;
  }
}

bool JsonCursor::refuse(const char* reason) noexcept {
  if (reason_ == nullptr) reason_ = reason;
  return false;
}

JsonCursor::Kind JsonCursor::peek() noexcept {
  if (failed()) return Kind::kNothing;
  skip_space();
  if (at_ >= text_.size()) return Kind::kNothing;
  switch (text_[at_]) {
    case '{': return Kind::kObject;
    case '[': return Kind::kArray;
    case '"': return Kind::kString;
    case 't': return Kind::kTrue;
    case 'f': return Kind::kFalse;
    case 'n': return Kind::kNull;
    default: break;
  }
  const char byte = text_[at_];
  return byte == '-' || (byte >= '0' && byte <= '9') ? Kind::kNumber : Kind::kNothing;
}

bool JsonCursor::enter(char bracket, const char* reason) noexcept {
  if (failed()) return false;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != bracket) return refuse(reason);
  if (depth_ == kMaxJsonDepth) return refuse("nested deeper than 64 levels");
  ++depth_;
  ++at_;
  first_ = true;
  return true;
}

bool JsonCursor::leave() noexcept {
  --depth_;
  ++at_;
  first_ = false;
  return false;
}

bool JsonCursor::next_member(Text& key) noexcept {
  if (failed()) return false;
  skip_space();
  if (at_ < text_.size() && text_[at_] == '}') return leave();
  if (!first_) {
    if (at_ >= text_.size() || text_[at_] != ',') return refuse("expected ',' or '}'");
    ++at_;
    skip_space();
  }
  first_ = false;
  if (at_ >= text_.size() || text_[at_] != '"') return refuse("expected a member name in double quotes");
  if (!string(key)) return false;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != ':') return refuse("expected ':'");
  ++at_;
  return true;
}

bool JsonCursor::next_element() noexcept {
  if (failed()) return false;
  skip_space();
  if (at_ < text_.size() && text_[at_] == ']') return leave();
  if (!first_) {
    if (at_ >= text_.size() || text_[at_] != ',') return refuse("expected ',' or ']'");
    ++at_;
  }
  first_ = false;
  return true;
}

int JsonCursor::hex4(std::size_t at) const noexcept {
  if (text_.size() - at < 4) return -1;
  int code = 0;
  const auto [end, error] = std::from_chars(text_.data() + at, text_.data() + at + 4, code, 16);
  // from_chars takes a sign; JSON does not.
  return error == std::errc() && end == text_.data() + at + 4 && text_[at] != '-' ? code : -1;
}

// At the byte behind a backslash. A surrogate must have its partner: a lone one has no UTF-8 form.
bool JsonCursor::escape() noexcept {
  if (at_ >= text_.size()) return refuse("the text ends inside a string");
  const char letter = text_[at_];
  if (letter != 'u') {
    if (std::string_view("\"\\/bfnrt").find(letter) == std::string_view::npos) return refuse("unknown escape");
    ++at_;
    return true;
  }
  const int high = hex4(at_ + 1);
  if (high < 0) return refuse("\\u needs four hexadecimal digits");
  if (high >= 0xDC00 && high <= 0xDFFF) return refuse("a lone surrogate");
  if (high < 0xD800 || high > 0xDBFF) {
    at_ += 5;
    return true;
  }
  const bool paired = text_.substr(at_ + 5, 2) == "\\u";
  const int low = paired ? hex4(at_ + 7) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return refuse("a lone surrogate");
  at_ += 11;
  return true;
}

bool JsonCursor::string(Text& text) noexcept {
  if (failed()) return false;
  skip_space();
  if (at_ >= text_.size() || text_[at_] != '"') return refuse("expected a string");
  const std::size_t start = ++at_;
  text.escaped = false;
  while (true) {
    at_ = find_special(text_, at_);
    if (at_ >= text_.size()) return refuse("the text ends inside a string");
    const char byte = text_[at_];
    if (byte == '"') break;
    if (byte != '\\') return refuse("a control character inside a string: write it as \\u00XX");
    text.escaped = true;
    ++at_;
    if (!escape()) return false;
  }
  text.raw = text_.substr(start, at_ - start);
  ++at_;
  return true;
}

bool JsonCursor::digits() noexcept {
  const std::size_t start = at_;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  return at_ > start || refuse("expected a digit");
}

bool JsonCursor::number(std::string_view& number) noexcept {
  if (failed()) return false;
  skip_space();
  const std::size_t start = at_;
  if (at_ < text_.size() && text_[at_] == '-') ++at_;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digits()) return false;
  }
  const bool scaled = at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E');
  if (scaled) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    const std::size_t exponent = at_;
    if (!digits()) return false;
    // Grammatical, but no parser behind us holds it.
    const std::size_t zeros = std::min(text_.find_first_not_of('0', exponent), at_);
    if (at_ - zeros > kMostExponentDigits) return refuse("an exponent of more than 9 digits");
  }
  number = text_.substr(start, at_ - start);
  // Grammatical too, but parsers behind us refuse what overflows, some of them with an error of their own making.
  const bool large = scaled || number.size() > kAlwaysInRange;
  if (large && overflows(number)) return refuse("a number beyond the range of a double");
  return true;
}

bool JsonCursor::literal(std::string_view word) noexcept {
  if (text_.substr(at_, word.size()) != word) return refuse("expected true, false or null");
  at_ += word.size();
  return true;
}

// Recursion is bounded by kMaxJsonDepth.
bool JsonCursor::skip() noexcept {
  Text text;
  std::string_view digits;
  switch (peek()) {
    case Kind::kObject:
      if (!enter_object()) return false;
      while (next_member(text)) skip();
      return !failed();
    case Kind::kArray:
      if (!enter_array()) return false;
      while (next_element()) skip();
      return !failed();
    case Kind::kString: return string(text);
    case Kind::kNumber: return number(digits);
    case Kind::kTrue: return literal("true");
    case Kind::kFalse: return literal("false");
    case Kind::kNull: return literal("null");
    case Kind::kNothing: break;
  }
  return refuse(at_ >= text_.size() ? "the text ends where a value is expected" : "expected a value");
}

bool JsonCursor::skip(Span& value) noexcept {
  peek();
  const std::size_t start = at_;
  if (!skip()) return false;
  value = Span{.offset = start, .length = at_ - start};
  return true;
}

std::optional<std::int64_t> JsonCursor::integer() noexcept {
  if (peek() != Kind::kNumber) {
    skip();
    return std::nullopt;
  }
  std::string_view digits;
  if (!number(digits)) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool JsonCursor::at_end() noexcept {
  if (failed()) return false;
  skip_space();
  return at_ == text_.size() || refuse("nothing may follow the value");
}

std::string JsonCursor::failure() const {
  return fmt::format("at byte {}: {}", at_, reason_ == nullptr ? "no error" : reason_);
}

std::string_view unescape(const JsonCursor::Text& text, std::string& room) {
  if (!text.escaped) return text.raw;
  const std::string_view raw = text.raw;
  room.clear();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] != '\\') {
      room += raw[at];
      continue;
    }
    switch (raw[++at]) {
      case 'b': room += '\b'; break;
      case 'f': room += '\f'; break;
      case 'n': room += '\n'; break;
      case 'r': room += '\r'; break;
      case 't': room += '\t'; break;
      case 'u': {
        std::uint32_t code = parse_hex4(raw.substr(at + 1));
        at += 4;
        if (code >= 0xD800 && code <= 0xDBFF) {
          code = 0x10000 + ((code - 0xD800) << 10) + (parse_hex4(raw.substr(at + 3)) - 0xDC00);
          at += 6;
        }
        append_utf8(room, code);
        break;
      }
      default: room += raw[at];
    }
  }
  return room;
}

}  // namespace orchestra
