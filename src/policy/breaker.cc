#include "policy/breaker.h"

#include <algorithm>

namespace orchestra {
namespace {

constexpr auto kClosed = static_cast<std::uint64_t>(BreakerState::kClosed);
constexpr auto kOpen = static_cast<std::uint64_t>(BreakerState::kOpen);
constexpr auto kHalfOpen = static_cast<std::uint64_t>(BreakerState::kHalfOpen);

Breaker opened(Millis now) noexcept {
  Breaker breaker;
  breaker.state = kOpen;
  breaker.since_ms =
      static_cast<std::uint64_t>(std::max<std::int64_t>(now.count(), 0)) & ((std::uint64_t{1} << 40) - 1);
  return breaker;
}

std::uint64_t limit(int value, std::uint64_t most) noexcept {
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::max(value, 1)), 1, most);
}

}  // namespace

std::string_view breaker_state_name(BreakerState state) noexcept {
  switch (state) {
    case BreakerState::kClosed: return "closed";
    case BreakerState::kOpen: return "open";
    case BreakerState::kHalfOpen: return "half_open";
  }
  return "closed";
}

std::optional<Millis> breaker_opens_at(const Breaker& breaker, const BreakerOptions& options) noexcept {
  if (breaker.state != kOpen) return std::nullopt;
  return Millis(static_cast<std::int64_t>(breaker.since_ms)) + options.reset_timeout;
}

BreakerState breaker_state(const Breaker& breaker, Millis now, const BreakerOptions& options) noexcept {
  const auto opens_at = breaker_opens_at(breaker, options);
  if (opens_at) return now >= *opens_at ? BreakerState::kHalfOpen : BreakerState::kOpen;
  return static_cast<BreakerState>(breaker.state);
}

bool breaker_admits(const Breaker& breaker, Millis now, const BreakerOptions& options) noexcept {
  switch (breaker_state(breaker, now, options)) {
    case BreakerState::kClosed: return true;
    case BreakerState::kOpen: return false;
    case BreakerState::kHalfOpen: return breaker.probes < limit(options.half_open_probes, 255);
  }
  return true;
}

Breaker breaker_entered(Breaker breaker, Millis now, const BreakerOptions& options) noexcept {
  if (breaker_state(breaker, now, options) != BreakerState::kHalfOpen) return breaker;
  if (breaker.state == kOpen) {
    breaker = Breaker{};
    breaker.state = kHalfOpen;
  }
  breaker.probes = std::min<std::uint64_t>(breaker.probes + 1, 255);
  return breaker;
}

Breaker breaker_left(Breaker breaker, BreakerEvent event, Millis now, const BreakerOptions& options) noexcept {
  if (breaker.state == kOpen) return breaker;  // it opened while this request was under way
  if (breaker.state == kClosed) {
    if (event == BreakerEvent::kSuccess && breaker.failures > 0) breaker.failures = breaker.failures - 1U;
    if (event != BreakerEvent::kFailure) return breaker;
    breaker.failures = std::min<std::uint64_t>(breaker.failures + 1, 255);
    return breaker.failures >= limit(options.failure_threshold, 255) ? opened(now) : breaker;
  }
  if (event == BreakerEvent::kFailure) return opened(now);
  if (breaker.probes > 0) breaker.probes = breaker.probes - 1U;
  if (event != BreakerEvent::kSuccess) return breaker;
  breaker.successes = std::min<std::uint64_t>(breaker.successes + 1, 63);
  return breaker.successes >= limit(options.success_threshold, 63) ? Breaker{} : breaker;
}

bool counts_against(const Error& error) noexcept {
  return error.fault == Fault::kUpstream || error.fault == Fault::kTimeout || error.fault == Fault::kUnavailable;
}

}  // namespace orchestra
