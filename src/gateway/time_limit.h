// The time that a request with several steps may take in all.
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.h"

namespace orchestra {

// Counts from its construction. Without a limit it is never over.
class TimeLimit {
 public:
  TimeLimit(const Clock& clock, std::optional<Micros> limit) : clock_(clock), limit_(limit), began_(clock.now()) {}

  bool over() const noexcept { return limit_ && clock_.now() >= began_ + *limit_; }
  // For the next step: above 0 also when it is over, as a call's deadline must be.
  std::optional<Micros> left() const noexcept {
    if (!limit_) return std::nullopt;
    return std::max(*limit_ - std::chrono::duration_cast<Micros>(clock_.now() - began_), Micros(1));
  }
  // The moment when `percent` of it is gone.
  std::optional<TimePoint> after(int percent) const noexcept {
    if (!limit_) return std::nullopt;
    return began_ + *limit_ * percent / 100;
  }

 private:
  const Clock& clock_;
  const std::optional<Micros> limit_;
  const TimePoint began_;
};

}  // namespace orchestra
