#include "policy/retry_budget.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

const TimePoint kStart{std::chrono::seconds(1000)};

int take_all(RetryBudget& budget, TimePoint now) {
  int taken = 0;
  while (budget.take(now)) ++taken;
  return taken;
}

TEST(RetryBudget, GivesATenthOfTheRequests) {
  RetryBudget budget({.percent = 10, .floor_per_second = 0, .burst = 50});
  take_all(budget, kStart);
  for (int i = 0; i < 100; ++i) budget.deposit(kStart);
  EXPECT_EQ(take_all(budget, kStart), 10);
}

TEST(RetryBudget, KeepsASmallFloorWithoutTraffic) {
  RetryBudget budget({.percent = 10, .floor_per_second = 2, .burst = 20});
  take_all(budget, kStart);
  EXPECT_FALSE(budget.take(kStart + Millis(400)));
  EXPECT_TRUE(budget.take(kStart + Millis(500)));
  EXPECT_EQ(take_all(budget, kStart + Millis(2500)), 4);
}

TEST(RetryBudget, SavesUpNoMoreThanABurst) {
  RetryBudget budget({.percent = 10, .floor_per_second = 2, .burst = 20});
  EXPECT_EQ(take_all(budget, kStart), 20);
  for (int i = 0; i < 10'000; ++i) budget.deposit(kStart + std::chrono::hours(1));
  EXPECT_EQ(take_all(budget, kStart + std::chrono::hours(1)), 20);
}

}  // namespace
}  // namespace orchestra
