// Base64 (RFC 4648, section 4) and OpenAI's base64 form of embeddings: little-endian 32-bit floats. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orchestra {

std::string base64_encode(std::string_view bytes);
// Nothing if `text` has foreign characters or a wrong length; padding is required.
std::optional<std::string> base64_decode(std::string_view text);

std::string encode_floats(std::span<const float> values);
std::optional<std::vector<float>> decode_floats(std::string_view base64);

}  // namespace orchestra
