#include "runners/gguf_header.h"

#include <array>
#include <limits>

namespace orchestra {

std::optional<std::int64_t> GgufHeader::integer(std::string_view key) const noexcept {
  const auto place = values.find(key);
  if (place == values.end()) return std::nullopt;
  if (const auto* small = std::get_if<std::int64_t>(&place->second)) return *small;
  const auto* big = std::get_if<std::uint64_t>(&place->second);
  if (big == nullptr || *big > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return static_cast<std::int64_t>(*big);
}

std::optional<std::string_view> GgufHeader::text(std::string_view key) const noexcept {
  const auto place = values.find(key);
  if (place == values.end()) return std::nullopt;
  const auto* text = std::get_if<std::string>(&place->second);
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

std::vector<std::int64_t> GgufHeader::integers(std::string_view key) const {
  const auto place = values.find(key);
  if (place == values.end()) return {};
  if (const auto* array = std::get_if<std::vector<std::int64_t>>(&place->second)) return *array;
  if (const auto one = integer(key)) return {*one};
  return {};
}

std::uint64_t GgufHeader::count(std::string_view key) const noexcept {
  const auto place = values.find(key);
  if (place == values.end()) return 0;
  if (const auto* skipped = std::get_if<GgufArray>(&place->second)) return skipped->count;
  const auto* array = std::get_if<std::vector<std::int64_t>>(&place->second);
  return array == nullptr ? 0 : array->size();
}

std::string_view gguf_file_type_name(std::int64_t file_type) noexcept {
  constexpr std::array<std::string_view, 42> kNames = {
      "F32",    "F16",     "Q4_0",   "Q4_1",   "",       "",       "",       "Q8_0",  "Q5_0",    "Q5_1",   "Q2_K",
      "Q3_K_S", "Q3_K_M",  "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K",  "IQ2_XXS", "IQ2_XS", "Q2_K_S",
      "IQ3_XS", "IQ3_XXS", "IQ1_S",  "IQ4_NL", "IQ3_S",  "IQ3_M",  "IQ2_S",  "IQ2_M", "IQ4_XS",  "IQ1_M",  "BF16",
      "",       "",        "",       "TQ1_0",  "TQ2_0",  "MXFP4",  "NVFP4",  "Q1_0",  "Q2_0",
  };
  if (file_type < 0 || file_type >= static_cast<std::int64_t>(kNames.size())) return "unknown";
  const auto name = kNames[static_cast<std::size_t>(file_type)];
  return name.empty() ? "unknown" : name;
}

}  // namespace orchestra
