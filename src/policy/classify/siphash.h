// SipHash-2-4, a keyed hash: without the key nobody can tell what was hashed. Pure.
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012; a test holds a vector of its
// appendix A.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace orchestra {

struct SipKey {
  std::uint64_t first = 0, second = 0;
};

inline std::uint64_t siphash(const SipKey& key, std::string_view bytes) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::array<std::uint64_t, 4> v{key.first ^ 0x736f6d6570736575U, key.second ^ 0x646f72616e646f6dU,
                                 key.first ^ 0x6c7967656e657261U, key.second ^ 0x7465646279746573U};
  const auto round = [&v] {
    v[0] += v[1];
    v[1] = std::rotl(v[1], 13) ^ v[0];
    v[0] = std::rotl(v[0], 32);
    v[2] += v[3];
    v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = std::rotl(v[1], 17) ^ v[2];
    v[2] = std::rotl(v[2], 32);
  };
  const auto absorb = [&](std::uint64_t block) {
    v[3] ^= block;
    round();
    round();
    v[0] ^= block;
  };
  std::uint64_t last = std::uint64_t{bytes.size()} << 56U;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t block = 0;
    std::memcpy(&block, bytes.data(), 8);
    absorb(block);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    last |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  absorb(last);
  v[2] ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

}  // namespace orchestra
