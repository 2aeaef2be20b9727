#include "base/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace orchestra {

std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  // The longest valid piece of at most `most` bytes at `at`, trying `tries` lengths: a block may cut a character.
  std::size_t at = 0;
  const auto advance = [&](std::size_t most, std::size_t tries) {
    const std::size_t length = std::min(most, text.size() - at);
    for (std::size_t back = 0; back < tries && back < length; ++back) {
      if (!simdjson::validate_utf8(text.data() + at, length - back)) continue;
      at += length - back;
      return true;
    }
    return false;
  };
  while (advance(4096, 4)) {
  }
  while (advance(4, 4)) {
  }
  return at;
}

}  // namespace orchestra
