#include "base/ids.h"

#include <openssl/rand.h>

#include <random>

namespace orchestra {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kPrefix = "req_";

// xoshiro256** (Blackman and Vigna, https://prng.di.unimi.it/xoshiro256starstar.c), seeded per thread.
class Xoshiro {
 public:
  Xoshiro() {
    std::random_device device;
    for (auto& word : state_) word = (std::uint64_t{device()} << 32) | device();
  }
  std::uint64_t next() noexcept {
    const auto rotate = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace

std::uint64_t random_bits() noexcept {
  thread_local Xoshiro generator;
  return generator.next();
}

RequestId RequestId::make(WallTime now) noexcept {
  RequestId id;
  kPrefix.copy(id.text_.data(), kPrefix.size());
  auto millis = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000);
  for (int i = 9; i >= 0; --i, millis >>= 5)
    id.text_[kPrefix.size() + static_cast<std::size_t>(i)] = kCrockford[millis & 31];
  std::uint64_t bits[2] = {random_bits(), random_bits()};
  for (std::size_t i = 0; i < 16; ++i) {
    id.text_[kPrefix.size() + 10 + i] = kCrockford[bits[i / 8] & 31];
    bits[i / 8] >>= 5;
  }
  return id;
}

Result<RequestId> RequestId::parse(std::string_view text) {
  RequestId id;
  if (text.size() != kLength || !text.starts_with(kPrefix) ||
      text.substr(kPrefix.size()).find_first_not_of(kCrockford) != std::string_view::npos) {
    return fail(Fault::kInvalid,
                "A request id looks like req_01JABCDEF0123456789ABCDEFG; it is in the x-request-id header.");
  }
  text.copy(id.text_.data(), kLength);
  return id;
}

std::string random_secret_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes)) != 1) std::abort();
  std::string hex;
  hex.reserve(bytes * 2);
  for (unsigned char byte : raw) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace orchestra
