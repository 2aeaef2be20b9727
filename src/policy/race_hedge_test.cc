#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/test_race.h"

namespace orchestra {
namespace {

struct HedgeCase {
  const char* name;
  std::vector<std::string> events;  // "moment", "open N", "fail N FAULT"
  std::vector<std::string> steps;   // after the first start
};

class Hedge : public testing::TestWithParam<HedgeCase> {};

std::string play(Driven& run, const std::string& event) {
  if (event == "moment") return run.at_that_moment();
  const int attempt = event[5] - '0';
  if (event.starts_with("open")) return run.feed(Opened{attempt});
  const std::string fault = event.substr(7);
  return run.fails(attempt, fault == "upstream"  ? Fault::kUpstream
                            : fault == "invalid" ? Fault::kInvalid
                            : fault == "limited" ? Fault::kRateLimited
                                                 : Fault::kCancelled);
}

TEST_P(Hedge, TruthTable) {
  Plan plan = plan_of(2);
  plan.hedge_after = Millis(200);
  plan.attempts_per_candidate = 1;
  Driven run(plan);
  ASSERT_EQ(run.tick(), "start 0:0");
  ASSERT_EQ(run.tick(), "wait");
  ASSERT_EQ(run.until, kStart + Millis(200));
  std::vector<std::string> steps;
  for (const auto& event : GetParam().events) {
    steps.push_back(play(run, event));
    if (steps.back().starts_with("start")) steps.push_back(run.tick());
  }
  EXPECT_EQ(steps, GetParam().steps);
}

INSTANTIATE_TEST_SUITE_P(
    All, Hedge,
    testing::Values(
        HedgeCase{"AInTime", {"open 0"}, {"commit 0"}},
        HedgeCase{"ASlowThenBWins", {"moment", "open 1"}, {"start 1:1", "wait", "commit 1"}},
        HedgeCase{"ASlowThenAWins", {"moment", "open 0"}, {"start 1:1", "wait", "commit 0"}},
        HedgeCase{"AFailsInTimeThenB", {"fail 0 upstream", "open 1"}, {"start 1:1", "wait", "commit 1"}},
        HedgeCase{
            "AFailsAfterTheHedge", {"moment", "fail 0 upstream", "open 1"}, {"start 1:1", "wait", "wait", "commit 1"}},
        HedgeCase{
            "BFailsAStillWins", {"moment", "fail 1 upstream", "open 0"}, {"start 1:1", "wait", "wait", "commit 0"}},
        HedgeCase{
            "BothFail", {"moment", "fail 1 upstream", "fail 0 upstream"}, {"start 1:1", "wait", "wait", "error 502"}},
        HedgeCase{"BothFailOneLimited",
                  {"moment", "fail 1 limited", "fail 0 upstream"},
                  {"start 1:1", "wait", "wait", "error 429"}},
        HedgeCase{"TheRequestIsAtFault", {"moment", "fail 1 invalid"}, {"start 1:1", "wait", "error 400"}},
        HedgeCase{"TheCallerLeaves", {"moment", "fail 0 cancelled"}, {"start 1:1", "wait", "error 499"}},
        HedgeCase{"NeitherAnswers", {"moment", "moment"}, {"start 1:1", "wait", "error 504"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Race, AHedgeComesOutOfItsOwnBudget) {
  Plan plan = plan_of(2);
  plan.hedge_after = Millis(200);
  Driven run(plan);
  while (run.budgets.hedges.take(kStart)) {
  }
  run.tick();
  run.tick();
  EXPECT_EQ(run.at_that_moment(), "wait");
  EXPECT_EQ(run.until, kDeadline);
  EXPECT_EQ(run.feed(Opened{0}), "commit 0");
}

}  // namespace
}  // namespace orchestra
