// Identifiers.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace orchestra {

// "req_" and 26 characters of Crockford base 32 (a ULID: 48 bits of milliseconds, 80 random bits). Sorts by time.
// https://github.com/ulid/spec. A plain value of 30 bytes.
class RequestId {
 public:
  static constexpr std::size_t kLength = 30;
  RequestId() = default;
  // Thread-safe: the randomness is thread-local.
  static RequestId make(WallTime now) noexcept;
  static Result<RequestId> parse(std::string_view text);
  std::string_view text() const noexcept { return {text_.data(), text_.size()}; }
  friend bool operator==(const RequestId&, const RequestId&) = default;
  friend auto operator<=>(const RequestId&, const RequestId&) = default;

 private:
  std::array<char, kLength> text_{};
};

// 64 random bits from the operating system's generator, thread-local buffer; for ids and jitter, not for keys.
std::uint64_t random_bits() noexcept;
// Lower-case hex of `bytes` bytes from OpenSSL's generator; for secrets.
std::string random_secret_hex(std::size_t bytes);

}  // namespace orchestra
