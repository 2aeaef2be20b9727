// When a second call starts beside one that is slow. Pure: time comes in.
//
// It is due `after` the call's start, out of the budget of hedges. Where that has nothing, or lately had nothing
// (RetryBudget::scarce), the moment comes again when the call has taken twice as long, four times, and so on: a rush of
// calls that are only a little late, as when a server has just begun, leaves the slowest their hedge.
#pragma once

#include <algorithm>
#include <optional>

#include "policy/retry_budget.h"

namespace orchestra {

class HedgeMoment {
 public:
  // A call begins.
  void start(TimePoint now, Micros after) noexcept {
    started_ = now;
    asked_ = false;
    at_ = now + after;
  }
  void stop() noexcept { at_.reset(); }
  bool due(TimePoint now) const noexcept { return at_ && now >= *at_; }
  // Takes the second call out of the budget, or puts the moment off. To be called when it is due.
  bool take(TimePoint now, RetryBudget& budget) noexcept {
    const bool waits = !asked_ && budget.scarce(now);
    if (!waits && budget.take(now)) return true;
    asked_ = true;
    at_ = now + std::max<Micros>(std::chrono::duration_cast<Micros>(now - started_), Millis(1));
    return false;
  }
  // When to look again, at `latest` at the latest.
  TimePoint until(TimePoint latest) const noexcept { return at_ ? std::min(*at_, latest) : latest; }

 private:
  TimePoint started_;
  std::optional<TimePoint> at_;
  bool asked_ = false;
};

}  // namespace orchestra
