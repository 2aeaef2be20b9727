// Units as types: a byte count is no token count, and money is an integer.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace orchestra {

using Seconds = std::chrono::seconds;
using Millis = std::chrono::milliseconds;
using Micros = std::chrono::microseconds;
// A moment on the monotonic clock: for deadlines and durations. Never stored, never shown.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
// A moment on the wall clock: for records and people. Never subtracted for a timeout.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// An integer amount of one unit. Amounts of one unit add, subtract and compare; to scale, name the raw count.
template <class Unit>
struct Amount {
  std::int64_t count = 0;

  constexpr Amount() = default;
  constexpr explicit Amount(std::int64_t value) : count(value) {}
  friend constexpr auto operator<=>(Amount, Amount) = default;
  friend constexpr Amount operator+(Amount a, Amount b) { return Amount(a.count + b.count); }
  friend constexpr Amount operator-(Amount a, Amount b) { return Amount(a.count - b.count); }
  constexpr Amount& operator+=(Amount other) {
    count += other.count;
    return *this;
  }
  constexpr Amount& operator-=(Amount other) {
    count -= other.count;
    return *this;
  }
};

using Bytes = Amount<struct BytesUnit>;
using Tokens = Amount<struct TokensUnit>;
using MicroUsd = Amount<struct MicroUsdUnit>;  // one millionth of a US dollar

// For people and JSON; amounts are added in micro-dollars, and times in microseconds.
constexpr double in_usd(MicroUsd amount) {
  return static_cast<double>(amount.count) / 1e6;
}
constexpr double in_seconds(Micros time) {
  return static_cast<double>(time.count()) / 1e6;
}
constexpr double in_milliseconds(Micros time) {
  return static_cast<double>(time.count()) / 1000.0;
}
constexpr Bytes kibibytes(std::int64_t n) {
  return Bytes(n * 1024);
}
constexpr Bytes mebibytes(std::int64_t n) {
  return Bytes(n * 1024 * 1024);
}

}  // namespace orchestra
