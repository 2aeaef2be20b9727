#include "policy/retry_budget.h"

#include <algorithm>

namespace orchestra {

void RetryBudget::add(std::int64_t thousandths) noexcept {
  thousandths_ = std::min(thousandths_ + thousandths, options_.burst * std::int64_t{1000});
}

void RetryBudget::refill(TimePoint now) noexcept {
  if (refilled_ == TimePoint{}) refilled_ = now;
  const auto millis = std::chrono::duration_cast<Millis>(now - refilled_);
  if (millis.count() <= 0) return;
  // A thousandth of an attempt per millisecond is one attempt per second.
  add(std::min<std::int64_t>(millis.count(), 3'600'000) * options_.floor_per_second);
  refilled_ += millis;
}

void RetryBudget::deposit(TimePoint now) noexcept {
  refill(now);
  add(options_.percent * std::int64_t{10});
}

bool RetryBudget::take(TimePoint now) noexcept {
  refill(now);
  if (thousandths_ < 1000) {
    refused_ = now;
    return false;
  }
  thousandths_ -= 1000;
  return true;
}

}  // namespace orchestra
