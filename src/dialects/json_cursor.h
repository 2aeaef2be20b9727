// A strict RFC 8259 pull scanner: one pass over text that validates what it walks and says where every value lies.
//
// The request path splices and relays bytes, so it needs exact offsets and no tree; decoding uses base/json.h. Borrows
// the text; belongs to one thread. Does not check UTF-8 (base/utf8.h does). The first error sticks: from then on
// every call returns false and reads nothing. Nesting deeper than kMaxJsonDepth is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/call.h"

namespace orchestra {

class JsonCursor {
 public:
  enum class Kind : std::uint8_t { kNothing, kObject, kArray, kString, kNumber, kTrue, kFalse, kNull };
  // What stands between the quotes, as spelled.
  struct Text {
    std::string_view raw;
    bool escaped = false;  // a backslash occurs
  };

  explicit JsonCursor(std::string_view text) noexcept : text_(text) {}

  // The kind of the next value by its first byte; kNothing at the end or where no value can start.
  Kind peek() noexcept;
  // `if (enter_object()) while (next_member(key)) consume_one_value();` The loop's end is the closing brace or an
  // error.
  bool enter_object() noexcept { return enter('{', "expected '{'"); }
  bool next_member(Text& key) noexcept;
  bool enter_array() noexcept { return enter('[', "expected '['"); }
  bool next_element() noexcept;
  // Each consumes one value and validates it whole.
  bool string(Text& text) noexcept;
  bool number(std::string_view& digits) noexcept;
  bool skip() noexcept;
  bool skip(Span& value) noexcept;
  // A number without fraction and exponent that fits. Other kinds and numbers are consumed and give nothing.
  std::optional<std::int64_t> integer() noexcept;

  // True if only white space is left.
  bool at_end() noexcept;
  std::size_t offset() const noexcept { return at_; }
  bool failed() const noexcept { return reason_ != nullptr; }
  // "at byte 17: expected ',' or '}'"
  std::string failure() const;

 private:
  void skip_space() noexcept;
  bool enter(char bracket, const char* reason) noexcept;
  bool leave() noexcept;
  bool escape() noexcept;
  int hex4(std::size_t at) const noexcept;
  bool digits() noexcept;
  bool literal(std::string_view word) noexcept;
  bool refuse(const char* reason) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool first_ = false;  // nothing but the opening bracket was read of the innermost container
  const char* reason_ = nullptr;
};

// The text itself. `text` must have been read by a cursor; `room` keeps the result where an escape made a copy needed.
std::string_view unescape(const JsonCursor::Text& text, std::string& room);

}  // namespace orchestra
