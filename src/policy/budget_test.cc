#include "policy/budget.h"

#include <gtest/gtest.h>

#include "policy/race.h"

namespace orchestra {
namespace {

Decision two_candidates(bool stream) {
  Decision decision;
  decision.plan.stream = stream;
  for (const char* id : {"a/m", "b/m"}) {
    decision.plan.order.push_back({.model = {id}});
    // 4 seconds to the end of the expected answer.
    decision.considered.push_back({.model = {id}, .contender = Contender{.terms = {.latency = 1.0F / 3}}});
  }
  return decision;
}

TEST(Budget, BoundsTheFirstTokenOfAStreamAndNothingElse) {
  Decision decision = two_candidates(true);
  decision.plan.order[1].timeouts = Timeouts{.first_content = std::chrono::seconds(3)};
  bound_first_token(decision, std::chrono::seconds(5));
  EXPECT_EQ(decision.plan.timeouts.first_content, std::chrono::seconds(5));
  EXPECT_EQ(decision.plan.timeouts.total, Timeouts().total) << "a running stream is not cut";
  EXPECT_FALSE(decision.plan.order[0].timeouts);
  EXPECT_EQ(decision.plan.order[1].timeouts->first_content, std::chrono::seconds(3)) << "the shorter one holds";
  EXPECT_EQ(decision.plan.budget, std::chrono::seconds(5));
}

TEST(Budget, OfAWholeAnswerTheNextCandidateTakesOverAndTheLastOneIsNotCut) {
  Decision decision = two_candidates(false);
  bound_first_token(decision, std::chrono::seconds(5));
  EXPECT_NEAR(static_cast<double>(timeouts_of(decision.plan, decision.plan.order[0]).total.count()), 13e6, 1e4);
  EXPECT_EQ(timeouts_of(decision.plan, decision.plan.order[1]).total, Timeouts().total);

  RaceBudgets budgets;
  const TimePoint start{std::chrono::seconds(1000)}, deadline = start + decision.plan.timeouts.total;
  Race race(decision.plan, budgets, deadline, 7);
  const RaceStep first = race.step(start, Tick{});
  const TimePoint over = std::get<Start>(first).first_content_by;
  EXPECT_NEAR(std::chrono::duration<double>(over - start).count(), 13, 0.01);
  const RaceStep second = race.step(over, Failed{0, {.fault = Fault::kTimeout, .what = "Nothing came."}});
  EXPECT_EQ(std::get<Start>(second).candidate, 1U);
  EXPECT_EQ(std::get<Start>(second).first_content_by, deadline);
}

}  // namespace
}  // namespace orchestra
