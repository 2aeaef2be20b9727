// data: URLs as the dialects use them for images and files (RFC 2397, base64 only). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orchestra {

struct DataUrl {
  std::string_view media_type;  // without parameters; may be empty
  std::string_view base64;
};

// Nothing if `url` is no base64 data URL. Borrows.
std::optional<DataUrl> parse_data_url(std::string_view url) noexcept;
std::string make_data_url(std::string_view media_type, std::string_view base64);

}  // namespace orchestra
