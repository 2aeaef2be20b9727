#include "api/figures.h"

#include <array>
#include <charconv>

namespace orchestra {

double rounded(double value) noexcept {
  std::array<char, 32> text;  // "-1.23457e-308"
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 6);
  std::from_chars(text.data(), written.ptr, value);
  return value;
}

}  // namespace orchestra
