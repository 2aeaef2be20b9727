// The circuit breaker of one model: a pure state machine in one machine word, so that loops can share it by one
// compare-and-swap.
//
//   closed    --failures reach the threshold-->  open
//   open      --reset_timeout has passed-->      half-open (lets at most `half_open_probes` requests through at a time)
//   half-open --success_threshold successes-->   closed;  any failure --> open again
//
// While closed a success takes one failure back, so that a model that fails every second request opens in the end.
// Defaults: 5 failures, 60 s, 3 probes. Pure: no clock; times are milliseconds since whatever start the caller keeps.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/units.h"

namespace orchestra {

struct BreakerOptions {
  int failure_threshold = 5;  // at most 255
  Millis reset_timeout{std::chrono::seconds(60)};
  int success_threshold = 3;  // at most 63
  int half_open_probes = 3;   // at most 255
};

enum class BreakerState : std::uint8_t { kClosed = 0, kOpen = 1, kHalfOpen = 2 };
std::string_view breaker_state_name(BreakerState state) noexcept;

// Trivially copyable, 8 bytes, no padding: fit for std::atomic without a lock.
struct Breaker {
  std::uint64_t since_ms : 40 = 0;  // when it opened
  std::uint64_t state : 2 = 0;
  std::uint64_t successes : 6 = 0;  // in half-open
  std::uint64_t failures : 8 = 0;   // while closed
  std::uint64_t probes : 8 = 0;     // in flight in half-open
};

// The state at `now`: an open breaker whose time is over counts as half-open.
BreakerState breaker_state(const Breaker& breaker, Millis now, const BreakerOptions& options) noexcept;
// Whether one more request may pass; `breaker_entered` is the state with that request in it.
bool breaker_admits(const Breaker& breaker, Millis now, const BreakerOptions& options) noexcept;
Breaker breaker_entered(Breaker breaker, Millis now, const BreakerOptions& options) noexcept;

// What became of a request that entered. kNeutral gives a probe's place back and says nothing about the model.
enum class BreakerEvent : std::uint8_t { kSuccess, kFailure, kNeutral };
Breaker breaker_left(Breaker breaker, BreakerEvent event, Millis now, const BreakerOptions& options) noexcept;
// When an open breaker lets the next request through; nothing unless it is open.
std::optional<Millis> breaker_opens_at(const Breaker& breaker, const BreakerOptions& options) noexcept;

// Whether an error speaks against the model: kUpstream, kTimeout and kUnavailable do; errors of the request, a refused
// key and a rate limit do not.
bool counts_against(const Error& error) noexcept;

}  // namespace orchestra
