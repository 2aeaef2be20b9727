// What a GGUF header says, as values. gguf.h reads it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/units.h"

namespace orchestra {

// An array that was skipped: too long to keep, or of strings.
struct GgufArray {
  std::uint32_t type = 0;
  std::uint64_t count = 0;
};

using GgufValue =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<std::int64_t>, GgufArray>;

struct GgufHeader {
  std::uint32_t version = 0;
  std::map<std::string, GgufValue, std::less<>> values;
  std::uint64_t tensors = 0;
  Bytes tensor_bytes;           // without padding
  std::int64_t parameters = 0;  // elements of all tensors
  Bytes data_offset;            // where the tensor data begins

  // The value as an integer or a string, when it is there and of that kind.
  std::optional<std::int64_t> integer(std::string_view key) const noexcept;
  std::optional<std::string_view> text(std::string_view key) const noexcept;
  // An array of integers (or a scalar as one element); empty when absent or too long.
  std::vector<std::int64_t> integers(std::string_view key) const;
  // Elements of an array, kept or skipped; 0 when absent.
  std::uint64_t count(std::string_view key) const noexcept;
};

// "Q4_K_M" for general.file_type 15; llama_ftype of llama.h. "unknown" for numbers it does not name.
std::string_view gguf_file_type_name(std::int64_t file_type) noexcept;

}  // namespace orchestra
