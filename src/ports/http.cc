#include "ports/http.h"

#include <algorithm>

namespace orchestra {

std::optional<std::string_view> HttpFields::find(std::string_view name) const noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  for (const auto& [key, value] : fields_) {
    if (std::ranges::equal(key, name, {}, lower, lower)) return value;
  }
  return std::nullopt;
}

}  // namespace orchestra
