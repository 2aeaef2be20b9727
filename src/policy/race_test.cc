#include "policy/race.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/test_race.h"

namespace orchestra {
namespace {

using testing::HasSubstr;

TEST(Race, TheFirstToOpenIsCommitted) {
  Driven run(plan_of(1));
  EXPECT_EQ(run.tick(), "start 0:0");
  EXPECT_EQ(run.feed(Opened{0}), "commit 0");
}

TEST(Race, AnUpstreamFaultIsRetriedThenTheNextCandidateIsAsked) {
  Driven run(plan_of(2));
  EXPECT_EQ(run.tick(), "start 0:0");
  EXPECT_EQ(run.fails(0, Fault::kUpstream), "wait");
  EXPECT_LE(run.until - run.now, Millis(100));
  EXPECT_EQ(run.at_that_moment(), "start 1:0");
  EXPECT_EQ(run.fails(1, Fault::kTimeout), "start 2:1");
  EXPECT_EQ(run.feed(Opened{2}), "commit 2");
}

TEST(Race, RetriesLeaveEveryCandidateItsChance) {
  Driven run(plan_of(3));  // three attempts for three candidates
  EXPECT_EQ(run.tick(), "start 0:0");
  EXPECT_EQ(run.fails(0, Fault::kUpstream), "start 1:1");
  EXPECT_EQ(run.fails(1, Fault::kUnavailable), "start 2:2");
  EXPECT_EQ(run.fails(2, Fault::kUpstream), "error 502");
  EXPECT_THAT(run.error.what, HasSubstr("p0/m: Attempt 0 failed."));
  EXPECT_THAT(run.error.what, HasSubstr("p2/m: Attempt 2 failed."));
}

TEST(Race, WithoutRetryBudgetTheNextCandidateIsAskedAtOnce) {
  Driven run(plan_of(2));
  while (run.budgets.retries.take(kStart)) {
  }
  EXPECT_EQ(run.tick(), "start 0:0");
  EXPECT_EQ(run.fails(0, Fault::kUpstream), "start 1:1");
  EXPECT_EQ(run.fails(1, Fault::kUpstream), "error 502");
}

TEST(Race, JitterIsFullAndComesFromTheSeed) {
  Plan plan = plan_of(1);
  plan.max_attempts = 6;
  plan.attempts_per_candidate = 6;
  Micros least = Micros::max(), most{};
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    RaceBudgets budgets;
    Race race(plan, budgets, kDeadline, seed), twin(plan, budgets, kDeadline, seed);
    race.step(kStart, Tick{});
    twin.step(kStart, Tick{});
    const auto step = race.step(kStart, Failed{0, error_of(Fault::kUpstream)});
    const auto same = twin.step(kStart, Failed{0, error_of(Fault::kUpstream)});
    const auto wait = std::chrono::duration_cast<Micros>(std::get<WaitUntil>(step).when - kStart);
    EXPECT_EQ(std::get<WaitUntil>(step).when, std::get<WaitUntil>(same).when);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_LT(least, Millis(2));
  EXPECT_GT(most, Millis(95));
  EXPECT_LE(most, Millis(100));
}

TEST(Race, TheCeilingOfTheJitterDoublesUpToItsCap) {
  Plan plan = plan_of(1);
  plan.max_attempts = plan.attempts_per_candidate = 12;
  Micros most{};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RaceBudgets budgets;
    Race race(plan, budgets, kDeadline, seed);
    TimePoint now = kStart;
    race.step(now, Tick{});
    for (int attempt = 0; attempt < 10; ++attempt) {
      const auto wait = std::get<WaitUntil>(race.step(now, Failed{attempt, error_of(Fault::kUpstream)})).when - now;
      const auto ceiling = std::min<Micros>(Millis(2000), Millis(100) * (1 << attempt));
      EXPECT_LE(wait, ceiling);
      most = std::max(most, std::chrono::duration_cast<Micros>(wait));
      now += wait;
      race.step(now, Tick{});
    }
  }
  EXPECT_GT(most, Millis(1900));
}

TEST(Race, AFaultOfTheRequestEndsItAtOnce) {
  for (const Fault fault : {Fault::kInvalid, Fault::kUnprocessable, Fault::kTooLarge}) {
    Driven run(plan_of(3));
    run.tick();
    EXPECT_EQ(run.fails(0, fault), fmt::format("error {}", http_status(fault)));
    EXPECT_EQ(run.error.what, "Attempt 0 failed.");
  }
}

TEST(Race, WhatIsWrongWithOneCandidateLeadsToTheNext) {
  for (const Fault fault : {Fault::kNotFound, Fault::kUpstreamAuth, Fault::kForbidden, Fault::kNoMemory}) {
    Driven run(plan_of(2));
    run.tick();
    EXPECT_EQ(run.fails(0, fault), "start 1:1") << fault_code(fault);
  }
}

TEST(Race, ATooLongPromptGoesOnlyToLargerWindows) {
  Plan plan = plan_of(3);
  plan.order[1].context = Tokens(4000);
  Driven run(plan);
  run.tick();
  Error error = error_of(Fault::kInvalid, "Too long.");
  error.code = kContextExceeded;
  EXPECT_EQ(run.feed(Failed{0, error}), "start 1:2");
  EXPECT_EQ(run.feed(Failed{1, error}), "error 400");
  EXPECT_EQ(run.error.code, kContextExceeded);
}

TEST(Race, ATooLongPromptGoesOnWhereWindowsAreNotKnown) {
  Plan plan = plan_of(2);
  plan.order[1].context.reset();
  for (const bool known : {true, false}) {
    if (!known) plan.order[0].context.reset();
    Driven run(plan);
    run.tick();
    Error error = error_of(Fault::kInvalid, "Too long.");
    error.code = kContextExceeded;
    EXPECT_EQ(run.feed(Failed{0, error}), "start 1:1");
  }
}

TEST(Race, WhatOneDialectCannotSayIsAskedOfTheNextAtNoCharge) {
  for (const char* code : {"unsupported_content", "unsupported_field", "unsupported_task"}) {
    Driven run(plan_of(2));
    run.tick();
    Error error = error_of(Fault::kInvalid, "No words for it.");
    error.code = code;
    EXPECT_EQ(run.feed(Failed{0, error}), "start 1:1") << code;
    EXPECT_EQ(run.fails(1, Fault::kUpstream), "wait");  // 2 of 3 attempts are left to it
    Driven alone(plan_of(1));
    alone.tick();
    EXPECT_EQ(alone.feed(Failed{0, error}), "error 400") << code;
    EXPECT_EQ(alone.error.what, "No words for it.");
  }
}

TEST(Race, AModelThatCannotBeLoadedIsNotAskedAgain) {
  Error error = error_of(Fault::kUnavailable, "It cannot be loaded.");
  error.code = kLoadFailed;
  Driven alone(plan_of(1));
  alone.tick();
  EXPECT_EQ(alone.feed(Failed{0, error}), "error 503");
  EXPECT_EQ(alone.error.what, "It cannot be loaded.");
  Driven run(plan_of(2));
  run.tick();
  EXPECT_EQ(run.feed(Failed{0, error}), "start 1:1");
}

TEST(Race, EachSentenceIsSaidOnce) {
  Driven run(plan_of(1));
  run.tick();
  EXPECT_EQ(run.feed(Failed{0, error_of(Fault::kUpstream, "It broke.")}), "wait");
  EXPECT_EQ(run.at_that_moment(), "start 1:0");
  EXPECT_EQ(run.feed(Failed{1, error_of(Fault::kUpstream, "It broke.")}), "error 502");
  EXPECT_EQ(run.error.what, "All 2 attempts failed. p0/m: It broke.");
  Driven named(plan_of(1));
  named.tick();
  EXPECT_EQ(named.feed(Failed{0, error_of(Fault::kUpstream, "p0/m is gone.")}), "wait");
  EXPECT_EQ(named.at_that_moment(), "start 1:0");
  EXPECT_EQ(named.feed(Failed{1, error_of(Fault::kUpstream, "It broke.")}), "error 502");
  EXPECT_EQ(named.error.what, "All 2 attempts failed. p0/m is gone. | p0/m: It broke.");
}

// A whole answer comes when it is finished: it gets the time that the request has, not the wait for a first word.
TEST(Race, AWholeAnswerMayTakeUntilTheDeadline) {
  Plan plan = plan_of(2);
  plan.stream = false;
  Driven run(plan);
  const auto first = std::get<Start>(run.race.step(kStart, Tick{}));
  EXPECT_EQ(first.first_content_by, kStart + std::chrono::minutes(5)) << "half is left to the one behind it";
  run.now = first.first_content_by;
  const RaceStep step = run.race.step(run.now, Failed{0, error_of(Fault::kTimeout)});
  ASSERT_TRUE(std::holds_alternative<Start>(step)) << "the same work is not done twice";
  EXPECT_EQ(std::get<Start>(step).candidate, 1U);
  EXPECT_EQ(std::get<Start>(step).first_content_by, kDeadline);
}

TEST(Race, AWholeAnswerOfOneCandidateHasAllTheTimeAndIsNotAskedAgainAfterIt) {
  Plan plan = plan_of(1);
  plan.stream = false;
  Driven run(plan);
  EXPECT_EQ(std::get<Start>(run.race.step(kStart, Tick{})).first_content_by, kDeadline);
  run.now = kStart + std::chrono::minutes(1);
  EXPECT_EQ(run.fails(0, Fault::kTimeout), "error 504");
  Driven unsent(plan);
  unsent.tick();
  Error error = error_of(Fault::kTimeout);
  error.unsent = true;
  EXPECT_EQ(unsent.feed(Failed{0, error}), "wait") << "nothing was begun";
}

TEST(Race, AStreamThatMissesTheBudgetOfItsClassIsNotWaitedForAgain) {
  Plan plan = plan_of(2);
  plan.budget = Seconds(5);
  Driven race(plan);
  EXPECT_EQ(race.tick(), "start 0:0");
  EXPECT_EQ(race.fails(0, Fault::kTimeout), "start 1:1");
  EXPECT_EQ(race.fails(1, Fault::kUpstream), "wait") << "other faults are retried as ever";
}

TEST(Race, AProvidersOwnTimeLimitsCount) {
  Plan plan = plan_of(2);
  plan.order[0].timeouts = Timeouts{.first_content = Seconds(5), .total = Seconds(30)};
  EXPECT_EQ(Race::first_content_limit(plan, plan.order[0]), Seconds(5));
  EXPECT_EQ(Race::first_content_limit(plan, plan.order[1]), Seconds(60));
  plan.stream = false;
  Driven run(plan);
  EXPECT_EQ(std::get<Start>(run.race.step(kStart, Tick{})).first_content_by, kStart + Seconds(15));
}

TEST(Race, ARateLimitLeadsToTheNextCandidateAndItsHeadersComeBackWhenAllFail) {
  Driven run(plan_of(3));
  run.tick();
  Error limited = error_of(Fault::kRateLimited, "Slow down.", Seconds(30));
  limited.headers = {{"x-ratelimit-remaining", "0"}};
  EXPECT_EQ(run.feed(Failed{0, limited}), "start 1:1");
  EXPECT_EQ(run.fails(1, Fault::kRateLimited, Seconds(90)), "start 2:2");
  EXPECT_EQ(run.fails(2, Fault::kUpstream), "error 429");
  EXPECT_EQ(run.error.retry_after, Seconds(30));
  ASSERT_EQ(run.error.headers.size(), 1U);
  EXPECT_EQ(run.error.headers[0].second, "0");
}

TEST(Race, ALoneCandidateIsAskedAgainAfterAShortRetryAfterOnly) {
  Driven patient(plan_of(1));
  patient.tick();
  EXPECT_EQ(patient.fails(0, Fault::kRateLimited, Seconds(1)), "wait");
  EXPECT_GE(patient.until - kStart, Seconds(1));
  EXPECT_EQ(patient.at_that_moment(), "start 1:0");
  Driven refused(plan_of(1));
  refused.tick();
  EXPECT_EQ(refused.fails(0, Fault::kRateLimited, Seconds(30)), "error 429");
  EXPECT_EQ(refused.error.what, "Attempt 0 failed.");
}

TEST(Race, AnOpenBreakerCostsNoAttempt) {
  Driven run(plan_of(2));
  run.tick();
  Error open = error_of(Fault::kUnavailable, "Open.");
  open.code = kCircuitOpen;
  EXPECT_EQ(run.feed(Failed{0, open}), "start 1:1");
  EXPECT_EQ(run.fails(1, Fault::kUpstream), "wait");  // 2 of 3 attempts are left to it
}

TEST(Race, ACancelledAttemptEndsIt) {
  Driven run(plan_of(3));
  run.tick();
  EXPECT_EQ(run.fails(0, Fault::kCancelled), "error 499");
}

TEST(Race, TheDeadlineEndsItAndBoundsEveryAttempt) {
  Driven run(plan_of(2), kStart + Seconds(20));
  const auto first = std::get<Start>(run.race.step(kStart, Tick{}));
  EXPECT_EQ(first.first_content_by, kStart + Seconds(20));
  run.now = kStart + Seconds(20);
  EXPECT_EQ(run.fails(0, Fault::kTimeout), "error 504");
}

TEST(Race, NoRetryThatWouldEndBehindTheDeadline) {
  Driven run(plan_of(1), kStart + Millis(1500));
  run.tick();
  EXPECT_EQ(run.fails(0, Fault::kRateLimited, Seconds(2)), "error 429");
}

TEST(Race, ALoadGetsTimeBeyondTheFirstContentLimit) {
  Plan plan = plan_of(1);
  plan.order[0].load = Seconds(50);
  EXPECT_EQ(Race::first_content_limit(plan, plan.order[0]), Seconds(160));
}

// The hedge truth table: what the first attempt (A) and the second (B) do, and what must come of it.
TEST(Race, AnEmptyPlanIsAnError) {
  Driven run(plan_of(0));
  EXPECT_EQ(run.tick(), "error 503");
}

}  // namespace
}  // namespace orchestra
