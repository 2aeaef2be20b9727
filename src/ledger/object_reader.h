// Reads members of one JSON object, and remembers the first that is missing or of the wrong type.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/units.h"

namespace orchestra {

// `missing` is shared by the readers of a whole text, and outlives them; so does the object.
class ObjectReader {
 public:
  ObjectReader(const json::value* object, std::string& missing) : object_(object), missing_(missing) {}

  std::string text(std::string_view name) {
    const auto found = object_ != nullptr ? find_string(*object_, name) : std::nullopt;
    return std::string(found ? *found : miss<std::string_view>(name));
  }
  std::int64_t integer(std::string_view name) {
    const auto found = object_ != nullptr ? find_int(*object_, name) : std::nullopt;
    return found ? *found : miss<std::int64_t>(name);
  }
  double number(std::string_view name) {
    const auto found = object_ != nullptr ? find_number(*object_, name) : std::nullopt;
    return found ? *found : miss<double>(name);
  }
  // A number that was written with 15 digits at most, to the last bit: Boost.JSON may miss the last one, which
  // number() leaves as it is.
  double exact(std::string_view name) {
    const std::string digits = fmt::format("{:.15g}", number(name));
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  bool truth(std::string_view name) {
    const auto found = object_ != nullptr ? find_bool(*object_, name) : std::nullopt;
    return found ? *found : miss<bool>(name);
  }
  Micros micros(std::string_view name) { return Micros(integer(name)); }
  bool is_null(std::string_view name) const {
    const auto* found = object_ != nullptr ? find(*object_, name) : nullptr;
    return found == nullptr || found->is_null();
  }
  const json::array& array(std::string_view name) {
    static const json::array kEmpty;
    const auto* found = object_ != nullptr ? find(*object_, name) : nullptr;
    const auto* items = found != nullptr ? found->if_array() : nullptr;
    if (items == nullptr) miss<int>(name);
    return items != nullptr ? *items : kEmpty;
  }
  // An object whose members are all integers, in its order.
  std::vector<std::pair<std::string, std::int64_t>> counts(std::string_view name) {
    std::vector<std::pair<std::string, std::int64_t>> out;
    const auto* found = object_ != nullptr ? find(*object_, name) : nullptr;
    const auto* members = found != nullptr ? found->if_object() : nullptr;
    if (members == nullptr) return miss<decltype(out)>(name);
    for (const auto& member : *members) {
      const auto count = member.value().is_int64() ? member.value().get_int64() : miss<std::int64_t>(name);
      out.emplace_back(member.key(), count);
    }
    return out;
  }
  ObjectReader object(std::string_view name) {
    const auto* found = object_ != nullptr ? find(*object_, name) : nullptr;
    if (found == nullptr || !found->is_object()) miss<int>(name);
    return {found, missing_};
  }

 private:
  template <class T>
  T miss(std::string_view name) {
    if (missing_.empty()) missing_ = name;
    return T{};
  }

  const json::value* object_;
  std::string& missing_;
};

}  // namespace orchestra
