#include <gmock/gmock.h>

#include "fleet/lifecycle.h"
#include "fleet/test_fleet.h"

namespace orchestra {
namespace {

TEST_F(FleetTest, ALoadFailureIsToldToEveryWaiterWithoutPaths) {
  make();
  auto a = lease("a"), b = lease("a");
  spawner_.print(0, "error: cannot map /secret/place/a.gguf: bad magic");
  spawner_.end(0, {.code = 1});
  run();
  ASSERT_FALSE(a->pending() || b->pending());
  EXPECT_EQ(a->fault(), Fault::kUnavailable);
  EXPECT_THAT(a->what(), testing::HasSubstr("cannot map a.gguf: bad magic"));
  EXPECT_THAT(a->what(), testing::Not(testing::HasSubstr("/secret")));
  EXPECT_EQ(state("a"), WorkerState::kFailed);
  EXPECT_EQ(view("a").failures, 1);
}

TEST_F(FleetTest, ACrashVoidsLeasesAndComesBackWithBackoff) {
  make();
  auto held = lease("a");
  ready(0);
  spawner_.end(0, {.signal = 11});
  run();
  EXPECT_EQ(state("a"), WorkerState::kFailed);
  EXPECT_FALSE(fleet_->try_lease(id("a")));
  auto next = lease("a");
  EXPECT_TRUE(next->pending());
  EXPECT_EQ(spawned(), 1U);
  pass(backoff(1));
  ASSERT_EQ(spawned(), 2U);
  ready(1);
  EXPECT_TRUE(next->ok());
  EXPECT_EQ(view("a").in_flight, 1);
  // The dead worker's lease must not free a place of the new one.
  give_back(held);
  EXPECT_EQ(view("a").in_flight, 1);
  pass(minutes(2));
  EXPECT_EQ(view("a").failures, 0);
}

TEST_F(FleetTest, ACrashedWorkerIsRestartedWithoutBeingAsked) {
  make();
  auto held = lease("a");
  ready(0);
  give_back(held);
  spawner_.end(0, {.signal = 9});
  run();
  EXPECT_EQ(spawned(), 1U);
  pass(backoff(1));
  EXPECT_EQ(spawned(), 2U);
}

// A selection passes over models that are down: one that nobody may choose would never be tried again.
TEST_F(FleetTest, AModelThatFailedToLoadMayBeChosenAgainWhenItsBackoffIsOver) {
  make();
  lease("a");
  spawner_.end(0, {.code = 1});
  run();
  ASSERT_EQ(state("a"), WorkerState::kFailed);
  pass(backoff(1));
  EXPECT_EQ(state("a"), WorkerState::kCold);
  EXPECT_EQ(spawned(), 1U) << "nobody wants it";
  EXPECT_EQ(view("a").failures, 1);
}

TEST_F(FleetTest, FiveFailuresInARowAreQuarantine) {
  make();
  for (std::size_t i = 0; i < 5; ++i) {
    pass(minutes(2));
    auto call = lease("a");
    ASSERT_EQ(spawned(), i + 1);
    spawner_.print(i, "fatal error: no such tensor");
    spawner_.end(i, {.code = 1});
    run();
    EXPECT_EQ(call->fault(), Fault::kUnavailable);
  }
  EXPECT_EQ(state("a"), WorkerState::kQuarantined);
  pass(minutes(10));
  auto refused = lease("a");
  EXPECT_EQ(spawned(), 5U);
  EXPECT_THAT(refused->what(), testing::HasSubstr("no such tensor"));
  auto load = start(fleet_->load(id("a"), clock_.now() + minutes(1)));
  EXPECT_EQ(spawned(), 6U);
  ready(5);
  EXPECT_TRUE(load->ok());
}

TEST_F(FleetTest, AFarRetryIsRefusedAtOnceWithItsTime) {
  make();
  for (std::size_t i = 0; i < 4; ++i) {
    pass(minutes(2));
    lease("a");
    spawner_.end(i, {.code = 1});
    run();
  }
  auto call = lease("a", minutes(5));
  ASSERT_TRUE(call->pending()) << "2 s are within patience";
  pass(seconds(2));
  EXPECT_EQ(spawned(), 5U);
  EXPECT_EQ(backoff(1), milliseconds(250));
  EXPECT_EQ(backoff(100), minutes(1));
}

TEST_F(FleetTest, AStalledLoadIsKilled) {
  make();
  auto call = lease("a", minutes(30));
  pass(minutes(1));
  spawner_.print(0, "load text 0.3");
  run();
  pass(milliseconds(90'000));
  EXPECT_TRUE(call->pending()) << "it spoke 90 s ago";
  pass(seconds(31));
  EXPECT_TRUE(spawner_.children[0]->killed);
  EXPECT_THAT(call->what(), testing::HasSubstr("no progress at 30 %"));
}

TEST_F(FleetTest, AWorkerThatLoadsButIsNotWellIsAFailure) {
  make();
  runner_.sick = true;
  auto call = lease("a");
  ready(0);
  EXPECT_EQ(call->fault(), Fault::kUnavailable);
  EXPECT_EQ(state("a"), WorkerState::kFailed);
}

}  // namespace
}  // namespace orchestra
