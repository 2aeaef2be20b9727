// Byte classes of RFC 9110 and RFC 3986, as tables: one load per byte.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"

namespace orchestra::net {

enum ByteClass : std::uint8_t {
  kToken = 1,       // tchar, RFC 9110 5.6.2
  kPath = 2,        // what may stand in a path
  kQuery = 4,       // what may stand in a query
  kHostName = 8,    // reg-name without sub-delims: no comma, no userinfo
  kHexDigit = 16,   // 0-9 a-f A-F
  kFieldByte = 32,  // VCHAR, SP, HTAB and obs-text, RFC 9110 5.5
};

constexpr std::array<std::uint8_t, 256> make_byte_classes() {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&](std::string_view bytes, int classes) {
    for (const char c : bytes) table[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(classes);
  };
  mark("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", kToken | kPath | kQuery | kHostName);
  mark("0123456789ABCDEFabcdef", kHexDigit);
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~", kHostName);
  // pchar and '/', RFC 3986 3.3, and the three bytes that the WHATWG URL standard lets browsers send unescaped.
  mark("-._~!$&'()*+,;=:@/%[]|", kPath | kQuery);
  mark("?{}^`\\", kQuery);
  for (int c = 0x20; c < 0x100; ++c) {
    if (c != 0x7f) table[static_cast<std::size_t>(c)] |= kFieldByte;
  }
  table['\t'] |= kFieldByte;
  return table;
}
inline constexpr std::array<std::uint8_t, 256> kByteClasses = make_byte_classes();

constexpr bool is(char c, ByteClass wanted) noexcept {
  return (kByteClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}
constexpr bool all_are(std::string_view text, ByteClass wanted) noexcept {
  std::uint8_t common = wanted;
  for (const char c : text) common &= kByteClasses[static_cast<unsigned char>(c)];
  return common != 0;
}
// `lowered` is lower-case already.
constexpr bool equals_lowered(std::string_view text, std::string_view lowered) noexcept {
  if (text.size() != lowered.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (ascii_lower(text[i]) != lowered[i]) return false;
  }
  return true;
}
// Without optional white space (SP and HTAB) at both ends.
constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace orchestra::net
