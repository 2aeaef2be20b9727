#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

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
  EXPECT_EQ(run.until, kStart + Millis(400)) << "it asks again";
  EXPECT_EQ(run.at_that_moment(), "wait");
  EXPECT_EQ(run.until, kStart + Millis(800));
  for (int request = 0; request < 20; ++request) run.budgets.deposit(run.now);
  EXPECT_EQ(run.at_that_moment(), "start 1:1");
  EXPECT_EQ(run.tick(), "wait");
  EXPECT_EQ(run.until, kDeadline) << "there is nobody else to ask";
}

// Callers at once before two providers, in simulated time; some calls take much longer than the others.
class Rush {
 public:
  struct Worth {
    Micros p999{};
    double extra = 0;  // calls per request
  };
  explicit Rush(Plan plan) : plan_(std::move(plan)) {}

  // Each of the first `cold` requests takes a little longer than a hedge waits, as while connections are made.
  Worth run(std::size_t requests, std::size_t cold) {
    cold_ = cold;
    for (Caller& caller : callers_) begin(caller, requests);
    for (;;) {
      Caller& next = *std::ranges::min_element(callers_, {}, &Caller::next);
      if (next.next() == TimePoint::max()) break;
      now_ = next.next();
      RaceInput input = Tick{};
      for (std::size_t attempt = 0; attempt < next.opens.size(); ++attempt) {
        if (next.opens[attempt] <= now_) input = Opened{static_cast<int>(attempt)};
      }
      drive(next, input, requests);
    }
    std::ranges::sort(took_);
    return {took_[took_.size() * 999 / 1000],
            static_cast<double>(calls_ - took_.size()) / static_cast<double>(took_.size())};
  }

 private:
  struct Caller {
    std::optional<Race> race;
    TimePoint began, wake = TimePoint::max();
    std::vector<TimePoint> opens;  // by attempt
    TimePoint next() const {
      if (!race) return TimePoint::max();
      return opens.empty() ? wake : std::min(wake, *std::ranges::min_element(opens));
    }
  };

  void begin(Caller& caller, std::size_t requests) {
    caller.race.reset();
    if (begun_ == requests) return;
    ++begun_;
    budgets_.deposit(now_);
    caller.began = now_;
    caller.opens.clear();
    caller.race.emplace(plan_, budgets_, now_ + std::chrono::minutes(10), begun_);
    drive(caller, Tick{}, requests);
  }
  void drive(Caller& caller, RaceInput input, std::size_t requests) {
    for (;;) {
      const RaceStep step = caller.race->step(now_, input);
      input = Tick{};
      if (std::holds_alternative<Start>(step)) {
        caller.opens.push_back(now_ + latency());
        continue;
      }
      if (const auto* wait = std::get_if<WaitUntil>(&step)) {
        caller.wake = wait->when;
        return;
      }
      ASSERT_TRUE(std::holds_alternative<Commit>(step));
      took_.push_back(std::chrono::duration_cast<Micros>(now_ - caller.began));
      return begin(caller, requests);
    }
  }
  Micros latency() {
    ++calls_;
    random_ = random_ * 6364136223846793005ULL + 1442695040888963407ULL;
    if ((random_ >> 33U) % 50 == 0) return Millis(1000);
    return begun_ <= cold_ ? Millis(60) : Millis(20);
  }

  const Plan plan_;
  RaceBudgets budgets_;
  std::array<Caller, 64> callers_;
  TimePoint now_ = kStart;
  std::size_t cold_ = 0, begun_ = 0, calls_ = 0;
  std::uint64_t random_ = 1;
  std::vector<Micros> took_;
};

TEST(Race, AColdStartTakesNoHedgeFromTheSlowest) {
  Plan plan = plan_of(2);
  plan.hedge_after = Millis(40);
  EXPECT_EQ(Rush(plan).run(10'000, 0).p999, Millis(60)) << "a hedge at once";
  for (const std::size_t cold : {500, 1000, 10'000}) {
    const Rush::Worth hedged = Rush(plan).run(10'000, cold);
    EXPECT_LE(hedged.p999, Millis(200)) << cold;
    EXPECT_LE(hedged.extra, 0.05) << cold;
  }
  plan.hedge_after = {};
  EXPECT_EQ(Rush(plan).run(10'000, 500).p999, Millis(1000));
}

}  // namespace
}  // namespace orchestra
