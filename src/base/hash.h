// FNV-1a, 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv): for tables and draws, never against an adversary. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace orchestra {

inline constexpr std::uint64_t kFnvStart = 14695981039346656037ULL;

constexpr std::uint64_t fnv1a(unsigned char byte, std::uint64_t hash) noexcept {
  return (hash ^ byte) * 1099511628211ULL;
}

// `hash` continues that of what came before.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = kFnvStart) noexcept {
  for (const char c : text) hash = fnv1a(static_cast<unsigned char>(c), hash);
  return hash;
}

}  // namespace orchestra
