// How many extra attempts a loop may make: a share of its requests plus a small floor, so that a failing upstream sees
// at most a tenth more traffic instead of a multiple. The scheme is Finagle's retry budget:
// https://twitter.github.io/finagle/guide/Glossary.html (retry budget).
//
// A token bucket in thousandths of an attempt. Loop-bound value; no clock.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"

namespace orchestra {

struct RetryBudgetOptions {
  int percent = 10;          // of requests
  int floor_per_second = 2;  // extra attempts that are always possible
  int burst = 20;            // the most that can be saved up
  int start = 20;            // what is saved up at the beginning
};

// Of hedges on latency: a share of the requests, and one at once, so that a quiet server can hedge too. Nothing grows
// with time: a service that is slow for everybody must not get more than that share on top.
inline constexpr RetryBudgetOptions kHedgeBudget{.percent = 5, .floor_per_second = 0, .burst = 20, .start = 1};

class RetryBudget {
 public:
  explicit RetryBudget(RetryBudgetOptions options = {}) noexcept
      : options_(options), thousandths_(options.start * std::int64_t{1000}) {}
  // One request came in.
  void deposit(TimePoint now) noexcept;
  // Takes one extra attempt, or says no.
  bool take(TimePoint now) noexcept;
  // It said no within the last second: what is saved up since is better kept for who needs it most.
  bool scarce(TimePoint now) const noexcept { return refused_ && now - *refused_ < std::chrono::seconds(1); }

 private:
  void refill(TimePoint now) noexcept;
  void add(std::int64_t thousandths) noexcept;

  RetryBudgetOptions options_;
  std::int64_t thousandths_;
  TimePoint refilled_{};
  std::optional<TimePoint> refused_;
};

}  // namespace orchestra
