// JSON: writing fast, reading with limits. Boost.JSON is the tree; the request path scans with simdjson instead.
#pragma once

#include <boost/json.hpp>
#include <concepts>
#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

namespace json = boost::json;

// Deepest nesting accepted anywhere. Deeper input is Error{kInvalid}, never a stack overflow.
inline constexpr std::size_t kMaxJsonDepth = 64;

// Parses strict RFC 8259 text (valid UTF-8, no trailing bytes, depth at most kMaxJsonDepth). Errors name the byte
// offset.
Result<json::value> parse_json(std::string_view text);

// Appends `text` as a JSON string with quotes. Invalid UTF-8 bytes become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Members of an object, or nothing; none of these throws.
const json::value* find(const json::value& object, std::string_view key) noexcept;
std::optional<std::string_view> find_string(const json::value& object, std::string_view key) noexcept;
std::optional<std::int64_t> find_int(const json::value& object, std::string_view key) noexcept;
std::optional<double> find_number(const json::value& object, std::string_view key) noexcept;
std::optional<bool> find_bool(const json::value& object, std::string_view key) noexcept;

// Writes JSON text front to back into a string; the caller keeps the nesting right. Commas are placed by the writer.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(double value);  // shortest round-trip form; not finite becomes null
  JsonWriter& number(float value);   // the same, of a float
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json_text);  // already JSON

  JsonWriter& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  JsonWriter& member(std::string_view name, const char* text) { return key(name).string(text); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& member(std::string_view name, T value) {
    return key(name).number(static_cast<std::int64_t>(value));
  }
  JsonWriter& member(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& member(std::string_view name, float value) { return key(name).number(value); }
  template <std::same_as<bool> T>
  JsonWriter& member(std::string_view name, T value) {
    return key(name).boolean(value);
  }
  // null when it is empty.
  template <class T>
  JsonWriter& member(std::string_view name, const std::optional<T>& value) {
    return value ? member(name, *value) : key(name).null();
  }

 private:
  template <class T>
  JsonWriter& floating(T value);
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string& out_;
  bool first_ = true;  // no comma before the next value
};

}  // namespace orchestra
