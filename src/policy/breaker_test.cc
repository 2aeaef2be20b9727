#include "policy/breaker.h"

#include <gtest/gtest.h>

#include <atomic>

namespace orchestra {
namespace {

constexpr BreakerOptions kOptions{};

Breaker failed_times(int times, Millis now) {
  Breaker breaker;
  for (int i = 0; i < times; ++i) breaker = breaker_left(breaker, BreakerEvent::kFailure, now, kOptions);
  return breaker;
}

TEST(Breaker, IsOneLockFreeWord) {
  EXPECT_EQ(sizeof(Breaker), 8U);
  EXPECT_TRUE(std::atomic<Breaker>::is_always_lock_free);
}

TEST(Breaker, OpensAtTheFifthFailure) {
  EXPECT_EQ(breaker_state(failed_times(4, Millis(0)), Millis(0), kOptions), BreakerState::kClosed);
  const Breaker open = failed_times(5, Millis(1000));
  EXPECT_EQ(breaker_state(open, Millis(1000), kOptions), BreakerState::kOpen);
  EXPECT_FALSE(breaker_admits(open, Millis(60'999), kOptions));
  EXPECT_EQ(breaker_opens_at(open, kOptions), Millis(61'000));
}

TEST(Breaker, ASuccessTakesOneFailureBack) {
  Breaker breaker = failed_times(4, Millis(0));
  breaker = breaker_left(breaker, BreakerEvent::kSuccess, Millis(0), kOptions);
  breaker = breaker_left(breaker, BreakerEvent::kFailure, Millis(0), kOptions);
  EXPECT_EQ(breaker_state(breaker, Millis(0), kOptions), BreakerState::kClosed);
  breaker = breaker_left(breaker, BreakerEvent::kFailure, Millis(0), kOptions);
  EXPECT_EQ(breaker_state(breaker, Millis(0), kOptions), BreakerState::kOpen);
}

TEST(Breaker, HalfOpenLetsThreeProbesThroughAndClosesAfterThreeSuccesses) {
  const Millis later(60'000);
  Breaker breaker = failed_times(5, Millis(0));
  for (int probe = 0; probe < 3; ++probe) {
    ASSERT_TRUE(breaker_admits(breaker, later, kOptions));
    breaker = breaker_entered(breaker, later, kOptions);
  }
  EXPECT_FALSE(breaker_admits(breaker, later, kOptions));
  for (int probe = 0; probe < 2; ++probe) breaker = breaker_left(breaker, BreakerEvent::kSuccess, later, kOptions);
  EXPECT_EQ(breaker_state(breaker, later, kOptions), BreakerState::kHalfOpen);
  breaker = breaker_left(breaker, BreakerEvent::kSuccess, later, kOptions);
  EXPECT_EQ(breaker_state(breaker, later, kOptions), BreakerState::kClosed);
  EXPECT_EQ(breaker.failures, 0U);
}

TEST(Breaker, OneFailedProbeOpensItAgainFromNowOn) {
  const Millis later(60'000);
  Breaker breaker = breaker_entered(failed_times(5, Millis(0)), later, kOptions);
  breaker = breaker_left(breaker, BreakerEvent::kFailure, later, kOptions);
  EXPECT_EQ(breaker_state(breaker, later, kOptions), BreakerState::kOpen);
  EXPECT_EQ(breaker_opens_at(breaker, kOptions), Millis(120'000));
}

TEST(Breaker, ANeutralProbeGivesItsPlaceBack) {
  const Millis later(60'000);
  Breaker breaker = failed_times(5, Millis(0));
  for (int probe = 0; probe < 3; ++probe) breaker = breaker_entered(breaker, later, kOptions);
  breaker = breaker_left(breaker, BreakerEvent::kNeutral, later, kOptions);
  EXPECT_TRUE(breaker_admits(breaker, later, kOptions));
  EXPECT_EQ(breaker.successes, 0U);
}

TEST(Breaker, CountsOnlyWhatSpeaksAgainstTheModel) {
  const auto counts = [](Fault fault) { return counts_against(Error{.fault = fault}); };
  EXPECT_TRUE(counts(Fault::kUpstream) && counts(Fault::kTimeout) && counts(Fault::kUnavailable));
  for (const Fault fault : {Fault::kInvalid, Fault::kNotFound, Fault::kRateLimited, Fault::kUpstreamAuth,
                            Fault::kCancelled, Fault::kNoMemory, Fault::kTooLarge}) {
    EXPECT_FALSE(counts(fault)) << fault_code(fault);
  }
}

}  // namespace
}  // namespace orchestra
