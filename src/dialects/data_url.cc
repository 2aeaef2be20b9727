#include "dialects/data_url.h"

#include <fmt/format.h>

namespace orchestra {

std::optional<DataUrl> parse_data_url(std::string_view url) noexcept {
  constexpr std::string_view kMark = ";base64";
  if (!url.starts_with("data:")) return std::nullopt;
  url.remove_prefix(5);
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string_view type = url.substr(0, comma);
  if (!type.ends_with(kMark)) return std::nullopt;
  type.remove_suffix(kMark.size());
  return DataUrl{.media_type = type.substr(0, type.find(';')), .base64 = url.substr(comma + 1)};
}

std::string make_data_url(std::string_view media_type, std::string_view base64) {
  return fmt::format("data:{};base64,{}", media_type, base64);
}

}  // namespace orchestra
