// Loads that nobody waits for.
#include "fleet/test_fleet.h"

namespace orchestra {
namespace {

TEST_F(FleetTest, APrefetchLoadsForTheLeasesToCome) {
  make();
  fleet_->prefetch(id("a"));
  run();
  EXPECT_EQ(state("a"), WorkerState::kReserved);
  fleet_->prefetch(id("a"));
  fleet_->prefetch(id("nobody"));
  run();
  EXPECT_EQ(spawned(), 1U);
  ready(0);
  EXPECT_TRUE(fleet_->try_lease(id("a")).has_value());
}

TEST_F(FleetTest, APrefetchEndsIdleModelsButWaitsForNoBusyOne) {
  make();
  auto a = lease("a"), b = lease("b");
  ready(0);
  ready(1);
  fleet_->prefetch(id("c"));
  run();
  EXPECT_EQ(state("c"), WorkerState::kCold);
  give_back(b);
  EXPECT_EQ(spawned(), 2U) << "it was forgotten";
  fleet_->prefetch(id("c"));
  run();
  EXPECT_TRUE(spawner_.children[1]->input_closed) << "b is idle";
  EXPECT_EQ(spawned(), 3U);
  EXPECT_EQ(state("a"), WorkerState::kReady);
}

TEST_F(FleetTest, APrefetchLeavesAModelDownUntilItsBackoffIsOver) {
  make();
  fleet_->prefetch(id("a"));
  run();
  spawner_.end(0, {.code = 1});
  run();
  EXPECT_EQ(state("a"), WorkerState::kFailed);
  fleet_->prefetch(id("a"));
  run();
  pass(minutes(10));
  EXPECT_EQ(spawned(), 1U);
  fleet_->prefetch(id("a"));
  run();
  EXPECT_EQ(spawned(), 2U);
}

}  // namespace
}  // namespace orchestra
