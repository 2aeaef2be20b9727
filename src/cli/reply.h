// Reading the server's JSON without surprises: what is absent or of another kind is empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "cli/console.h"

namespace orchestra::cli {

// The member as text for a person: strings made printable, numbers and booleans spelled, "" for null and absent ones.
inline std::string text_of(const json::value& object, std::string_view key) {
  const json::value* found = find(object, key);
  if (found == nullptr || found->is_null()) return "";
  if (const auto* text = found->if_string()) return printable(std::string_view(*text));
  return json::serialize(*found);
}

inline std::int64_t int_of(const json::value& object, std::string_view key) {
  if (const auto number = find_int(object, key)) return *number;
  return static_cast<std::int64_t>(find_number(object, key).value_or(0));
}

inline const json::array& list_of(const json::value& object, std::string_view key) {
  static const json::array kNone;
  const json::value* found = find(object, key);
  const json::array* array = found == nullptr ? nullptr : found->if_array();
  return array == nullptr ? kNone : *array;
}

// Never null: a null value when absent.
inline const json::value& member_of(const json::value& object, std::string_view key) {
  static const json::value kNull;
  const json::value* found = find(object, key);
  return found == nullptr ? kNull : *found;
}

}  // namespace orchestra::cli
