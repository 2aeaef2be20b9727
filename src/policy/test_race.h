// What the tests of the race share: plans, errors, and a race with a clock of its own.
#pragma once

#include <fmt/format.h>

#include <string>

#include "policy/race.h"

namespace orchestra {

inline constexpr TimePoint kStart{std::chrono::seconds(1000)};
inline constexpr TimePoint kDeadline = kStart + std::chrono::minutes(10);

inline Plan plan_of(int candidates) {
  Plan plan;
  for (int i = 0; i < candidates; ++i) {
    plan.order.push_back({.model = ModelId{fmt::format("p{}/m", i)}, .context = Tokens(8000 * (i + 1))});
  }
  plan.max_attempts = std::max(3, candidates);
  return plan;
}

inline Error error_of(Fault fault, std::string what = "It failed.", std::optional<Seconds> retry_after = std::nullopt) {
  return Error{.fault = fault, .what = std::move(what), .retry_after = retry_after};
}

// A race with a clock of its own; says what each step was in words.
struct Driven {
  explicit Driven(Plan p, TimePoint deadline = kDeadline) : plan(std::move(p)), race(plan, budgets, deadline, 7) {}

  std::string feed(const RaceInput& input) {
    const RaceStep step = race.step(now, input);
    if (const auto* start = std::get_if<Start>(&step))
      return fmt::format("start {}:{}", start->attempt, start->candidate);
    if (const auto* commit = std::get_if<Commit>(&step)) return fmt::format("commit {}", commit->attempt);
    if (const auto* wait = std::get_if<WaitUntil>(&step)) {
      until = wait->when;
      return "wait";
    }
    error = std::get<Error>(step);
    return fmt::format("error {}", http_status(error.fault));
  }
  std::string tick() { return feed(Tick{}); }
  // The moment that the last "wait" named.
  std::string at_that_moment() {
    now = until;
    return tick();
  }
  std::string fails(int attempt, Fault fault, std::optional<Seconds> retry_after = std::nullopt) {
    return feed(Failed{attempt, error_of(fault, fmt::format("Attempt {} failed.", attempt), retry_after)});
  }

  Plan plan;
  RaceBudgets budgets;
  Race race;
  TimePoint now = kStart;
  TimePoint until;
  Error error;
};

}  // namespace orchestra
