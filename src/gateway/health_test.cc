#include "gateway/health.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/fake_clock.h"

namespace orchestra {
namespace {

const Error kDown{.fault = Fault::kUpstream, .what = "It broke off."};

void fail_times(HealthCell& cell, const Clock& clock, int times) {
  for (int i = 0; i < times; ++i) {
    if (auto pass = HealthPass::enter(cell, clock)) pass->failed(kDown);
  }
}

TEST(Health, FiveFailuresOpenTheBreakerAndTimeLetsAProbeThrough) {
  FakeClock clock;
  HealthTable table(clock);
  HealthCell& cell = table.cell("openai/gpt-4o");
  fail_times(cell, clock, 4);
  EXPECT_TRUE(cell.view(clock.now()).admits);
  fail_times(cell, clock, 1);
  EXPECT_FALSE(HealthPass::enter(cell, clock).has_value());
  EXPECT_EQ(cell.view(clock.now()).opens_in, Seconds(60));
  const auto version = table.version();
  EXPECT_EQ(table.changes_at(), clock.now() + Seconds(60));
  clock.advance(Seconds(60));
  EXPECT_TRUE(table.time_changed(clock.now()));
  EXPECT_NE(table.version(), version);
  EXPECT_EQ(table.changes_at(), TimePoint::max());
  for (int i = 0; i < 3; ++i) {
    auto pass = HealthPass::enter(cell, clock);
    ASSERT_TRUE(pass.has_value());
    pass->succeeded();
  }
  EXPECT_EQ(cell.breaker(clock.now()), BreakerState::kClosed);
}

TEST(Health, AnUnreportedPassIsNeutral) {
  FakeClock clock;
  HealthTable table(clock);
  HealthCell& cell = table.cell("m");
  fail_times(cell, clock, 5);
  clock.advance(Seconds(60));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(HealthPass::enter(cell, clock).has_value());
  EXPECT_EQ(cell.breaker(clock.now()), BreakerState::kHalfOpen);
}

TEST(Health, FaultsOfTheRequestDoNotCount) {
  FakeClock clock;
  HealthTable table(clock);
  HealthCell& cell = table.cell("m");
  const auto version = table.version();
  for (int i = 0; i < 20; ++i) HealthPass::enter(cell, clock)->failed(Error{.fault = Fault::kInvalid});
  EXPECT_TRUE(cell.view(clock.now()).admits);
  EXPECT_EQ(cell.view(clock.now()).success_permille, 1000);
  EXPECT_EQ(table.version(), version);
}

TEST(Health, ARateLimitCoolsUntilItsRetryAfter) {
  FakeClock clock;
  HealthTable table(clock);
  HealthCell& cell = table.cell("m");
  HealthPass::enter(cell, clock)->failed(Error{.fault = Fault::kRateLimited, .retry_after = Seconds(20)});
  EXPECT_EQ(cell.view(clock.now()).cooling, Seconds(20));
  EXPECT_TRUE(cell.view(clock.now()).admits);
  clock.advance(Seconds(20));
  EXPECT_EQ(cell.view(clock.now()).cooling, std::nullopt);
}

TEST(Health, MeasuresSuccessAndFirstContent) {
  FakeClock clock;
  HealthTable table(clock);
  HealthCell& cell = table.cell("m");
  auto pass = HealthPass::enter(cell, clock);
  clock.advance(Millis(200));
  pass->content();
  clock.advance(Seconds(5));
  pass->succeeded();
  EXPECT_EQ(cell.view(clock.now()).first_content, Millis(200));
  fail_times(cell, clock, 2);
  const int after_failures = cell.view(clock.now()).success_permille;
  EXPECT_LT(after_failures, 900);
  for (int i = 0; i < 100; ++i) HealthPass::enter(cell, clock)->succeeded();
  EXPECT_EQ(cell.view(clock.now()).success_permille, 1000);
}

class AnswersInTime : public testing::Test {
 protected:
  void answer(Micros after) {
    auto pass = HealthPass::enter(cell_, clock_);
    clock_.advance(after);
    pass->content();
    pass->succeeded();
  }

  FakeClock clock_;
  HealthTable table_{clock_};
  HealthCell& cell_ = table_.cell("m");
};

TEST_F(AnswersInTime, OfASteadyModelLeaveTheVersionAlone) {
  answer(Millis(100));
  const auto version = table_.version();
  for (int i = 0; i < 100; ++i) answer(Millis(90 + i % 20));
  EXPECT_EQ(table_.version(), version);
}

TEST_F(AnswersInTime, ThatDifferByLessThanAMillisecondChooseNobodyElse) {
  answer(Micros(200));
  const auto version = table_.version();
  for (int i = 0; i < 100; ++i) answer(Micros(i % 10 == 0 ? 1'000 : 100));
  EXPECT_EQ(table_.version(), version);
}

TEST_F(AnswersInTime, ThatGrowSlowerInSmallStepsMoveTheVersion) {
  answer(Millis(100));
  const auto version = table_.version();
  for (int i = 0; i < 20; ++i) answer(Millis(160));
  EXPECT_NE(table_.version(), version);
}

TEST(Health, LoopsShareOneCellPerModelWithoutALock) {
  FakeClock clock;
  HealthTable table(clock, {.failure_threshold = 200});
  constexpr int kThreads = 4, kModels = 300;
  std::vector<std::vector<HealthCell*>> seen(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int m = 0; m < kModels; ++m) seen[t].push_back(&table.cell("model-" + std::to_string(m)));
        fail_times(*seen[t][0], clock, 49);
      });
    }
  }
  for (int t = 1; t < kThreads; ++t) EXPECT_EQ(seen[t], seen[0]);
  EXPECT_TRUE(seen[0][0]->view(clock.now()).admits);  // 196 of 200
  fail_times(*seen[0][0], clock, 4);
  EXPECT_FALSE(seen[0][0]->view(clock.now()).admits);
}

}  // namespace
}  // namespace orchestra
