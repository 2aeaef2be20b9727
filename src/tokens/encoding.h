// Which published byte-pair encoding counts a model's tokens. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace orchestra {

enum class Encoding : std::uint8_t { kCl100kBase, kO200kBase };

std::string_view encoding_name(Encoding encoding) noexcept;
// By the name that its publisher uses; nothing for an unknown one.
std::optional<Encoding> find_encoding(std::string_view name) noexcept;

// By the name of a model without its provider. GPT-4, GPT-3.5, OpenAI's embeddings and base models count by cl100k_base
// and their successors by o200k_base (the table of OpenAI's tiktoken). Other makers publish no such table: their models
// count by o200k_base, which is within some tenths of their own count; see counts_exactly.
Encoding encoding_of(std::string_view model) noexcept;
bool counts_exactly(std::string_view model) noexcept;

}  // namespace orchestra
