#include "fleet/fleet.h"

#include "fleet/lifecycle.h"
#include "fleet/sentences.h"
#include "fleet/test_fleet.h"

namespace orchestra {
namespace {

TEST_F(FleetTest, TwoRequestsForAColdModelCauseOneLoad) {
  make();
  auto first = lease("a"), second = lease("a");
  EXPECT_EQ(spawned(), 1U);
  EXPECT_TRUE(first->pending() && second->pending());
  EXPECT_EQ(view("a").waiting, 2);
  ready(0);
  ASSERT_TRUE(first->ok() && second->ok());
  EXPECT_EQ((*first->result)->endpoint().unix_path, "/run/x/" + short_name(ModelId{"local/a"}) + ".sock");
  EXPECT_EQ(view("a").in_flight, 2);
  EXPECT_EQ(runner_.checks, 1);
}

TEST_F(FleetTest, ShowsTheStagesOfALoad) {
  make();
  auto call = lease("a");
  EXPECT_EQ(state("a"), WorkerState::kReserved);
  spawner_.print(0, "load text 0.5");
  run();
  EXPECT_EQ(state("a"), WorkerState::kLoading);
  EXPECT_EQ(view("a").stage, "text");
  EXPECT_EQ(view("a").fraction, 0.5);
  EXPECT_EQ(view("a").device, "cpu");
  clock_.advance(seconds(2));
  ready(0);
  EXPECT_EQ(state("a"), WorkerState::kReady);
  EXPECT_EQ(views_.back()->find(ModelId{"local/a"})->state, WorkerState::kReady);
  EXPECT_EQ(views_.back()->devices[0].booked, mebibytes(4000));
}

TEST_F(FleetTest, AWarmLeaseTakesNoHop) {
  make();
  EXPECT_FALSE(fleet_->try_lease(id("a")));
  EXPECT_FALSE(fleet_->try_lease(id("nobody")));
  auto call = lease("a");
  ready(0);
  give_back(call);
  auto one = fleet_->try_lease(id("a"));
  auto two = fleet_->try_lease(id("a"));
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(fleet_->try_lease(id("a")));
}

TEST_F(FleetTest, WaitersBeyondTheSlotsAreServedInOrder) {
  make();
  auto held = lease("b");
  ready(0);
  auto first = lease("b"), second = lease("b");
  EXPECT_TRUE(first->pending() && second->pending());
  EXPECT_FALSE(fleet_->try_lease(id("b")));
  give_back(held);
  EXPECT_TRUE(first->ok());
  EXPECT_TRUE(second->pending());
  // Nobody overtakes the one in line.
  give_back(first);
  EXPECT_TRUE(second->ok());
  give_back(second);
  EXPECT_TRUE(fleet_->try_lease(id("b")));
}

TEST_F(FleetTest, AWaitEndsAtItsDeadline) {
  make();
  auto held = lease("b");
  auto late = lease("b", seconds(10));
  pass(seconds(11));
  EXPECT_EQ(late->fault(), Fault::kTimeout);
  EXPECT_TRUE(held->pending());
}

TEST_F(FleetTest, ACancelledWaiterLeavesNoTrace) {
  make();
  auto held = lease("b");
  ready(0);
  auto gone = lease("b");
  auto next = lease("b");
  gone->cancel.emit(asio::cancellation_type::terminal);
  run();
  EXPECT_EQ(gone->fault(), Fault::kCancelled);
  give_back(held);
  EXPECT_TRUE(next->ok());
  EXPECT_EQ(view("b").in_flight, 1);
}

TEST_F(FleetTest, ALeaseOnItsWayToACancelledWaiterComesBack) {
  make();
  auto call = lease("b");
  spawner_.print(0, "ready");
  loop_.restart();
  // Cancel at every possible point of the delivery: in none may the place get lost.
  for (int steps = 0; call->pending(); ++steps) {
    if (steps == 3) call->cancel.emit(asio::cancellation_type::terminal);
    if (loop_.poll_one() == 0) break;
  }
  run();
  if (call->ok()) give_back(call);
  EXPECT_EQ(view("b").in_flight, 0);
  EXPECT_TRUE(fleet_->try_lease(id("b")));
}

TEST_F(FleetTest, UnloadsAfterTheKeepAlive) {
  make();
  auto call = lease("a");
  ready(0);
  pass(minutes(10));
  EXPECT_EQ(state("a"), WorkerState::kReady) << "it was in use";
  give_back(call);
  pass(minutes(4));
  EXPECT_EQ(state("a"), WorkerState::kReady);
  EXPECT_EQ(view("a").expires_at, clock_.wall() + minutes(1));
  pass(minutes(1));
  EXPECT_EQ(state("a"), WorkerState::kCold);
  EXPECT_EQ(spawner_.children[0]->said, "bye\n");
  EXPECT_TRUE(spawner_.children[0]->input_closed);
  EXPECT_FALSE(fleet_->try_lease(id("a")));
}

TEST_F(FleetTest, KeepAliveZeroUnloadsAtOnceAndNegativeNever) {
  FleetOptions options;
  options.keep_alive = Micros(0);
  options.keep_alive_of["local/b"] = Micros(-1);
  make(options);
  auto a = lease("a"), b = lease("b");
  ready(0);
  ready(1);
  clock_.advance(seconds(1));
  give_back(a);
  give_back(b);
  EXPECT_EQ(state("a"), WorkerState::kCold);
  pass(std::chrono::hours(1000));
  EXPECT_EQ(state("b"), WorkerState::kReady);
}

TEST_F(FleetTest, EvictsTheLeastRecentlyUsed) {
  make();
  auto a = lease("a"), b = lease("b");
  ready(0);
  ready(1);
  clock_.advance(seconds(1));
  give_back(b);
  clock_.advance(seconds(1));
  give_back(a);
  auto c = lease("c");
  EXPECT_TRUE(spawner_.children[1]->input_closed) << "b is older";
  EXPECT_FALSE(spawner_.children[0]->input_closed);
  ASSERT_EQ(spawned(), 3U);
  ready(2);
  EXPECT_TRUE(c->ok());
}

TEST_F(FleetTest, LoadsOnlyAfterTheVictimIsGone) {
  make();
  auto a = lease("a"), b = lease("b");
  ready(0);
  ready(1);
  give_back(a);
  spawner_.children[0]->ends_when_asked = false;
  auto c = lease("c");
  EXPECT_EQ(state("a"), WorkerState::kUnloading);
  EXPECT_EQ(state("c"), WorkerState::kPlanned);
  EXPECT_EQ(spawned(), 2U);
  pass(seconds(4));
  EXPECT_TRUE(spawner_.children[0]->killed);
  EXPECT_EQ(spawned(), 3U);
}

TEST_F(FleetTest, EvictsNobodyWhenItWouldNotSuffice) {
  FleetOptions options;
  options.pinned = {"local/a"};
  make(options);
  fleet_->set_models({local("a", 4000), local("b", 2000), local("huge", 6000)});
  auto a = lease("a"), b = lease("b");
  ready(0);
  ready(1);
  give_back(a);
  give_back(b);
  auto huge = lease("huge");
  EXPECT_EQ(huge->fault(), Fault::kNoMemory);
  EXPECT_THAT(huge->what(), testing::AllOf(testing::HasSubstr("5.9 GiB"), testing::HasSubstr("2.0 GiB")));
  EXPECT_EQ(state("a"), WorkerState::kReady);
  EXPECT_EQ(state("b"), WorkerState::kReady);
}

TEST_F(FleetTest, ABusyModelIsNotEvictedButAwaited) {
  make();
  auto a = lease("a"), b = lease("b");
  ready(0);
  ready(1);
  auto c = lease("c");
  EXPECT_EQ(state("c"), WorkerState::kPlanned);
  EXPECT_EQ(state("a"), WorkerState::kReady);
  give_back(b);
  EXPECT_EQ(spawned(), 3U) << "b fell idle and made room";
  ready(2);
  EXPECT_TRUE(c->ok());
  auto again = lease("b");
  pass(seconds(31));
  EXPECT_EQ(again->fault(), Fault::kNoMemory);
  EXPECT_TRUE((*again->result).error().retry_after);
}

TEST_F(FleetTest, TheLedgerBelievesTheSmallerNumber) {
  make();
  memory_.memory.available = mebibytes(3000);
  EXPECT_EQ(lease("a")->fault(), Fault::kNoMemory);
  memory_.memory.available = mebibytes(7000);
  auto a = lease("a");
  EXPECT_EQ(spawned(), 1U);
  // The driver has not seen the first one yet: its booking counts.
  auto b = lease("b");
  EXPECT_EQ(spawned(), 1U);
  ready(0);
  memory_.taken[1000] = mebibytes(4000);
  memory_.memory.available = mebibytes(4500);
  pass(seconds(1));
  EXPECT_EQ(spawned(), 2U);
}

TEST_F(FleetTest, PlacesOnTheRoomiestGpuAndWaitsForItsDriver) {
  gpus_.gpus = {{0, "small", mebibytes(5000), mebibytes(4600)}, {1, "big", mebibytes(9000), mebibytes(9000)}};
  FleetOptions options;
  options.use_gpu = true;
  make(options);
  auto a = lease("a");
  EXPECT_EQ(spawner_.children[0]->spec.argv[3], "1");
  EXPECT_EQ(view("a").device, "gpu1");
  ready(0);
  gpus_.gpus[1].free = mebibytes(5000);
  give_back(a);
  auto unload = start(fleet_->unload(id("a"), clock_.now() + minutes(1)));
  EXPECT_EQ(state("a"), WorkerState::kReclaiming);
  EXPECT_TRUE(unload->pending());
  gpus_.gpus[1].free = mebibytes(8000);
  pass(milliseconds(100));
  EXPECT_EQ(state("a"), WorkerState::kReclaiming) << "still growing";
  pass(milliseconds(100));
  EXPECT_EQ(state("a"), WorkerState::kCold);
  EXPECT_TRUE(unload->ok());
}

TEST_F(FleetTest, UnloadDrainsAndNewWorkWaitsForTheNextLife) {
  make();
  auto held = lease("a");
  ready(0);
  auto unload = start(fleet_->unload(id("a"), clock_.now() + minutes(1)));
  EXPECT_EQ(state("a"), WorkerState::kDraining);
  auto next = lease("a");
  EXPECT_TRUE(next->pending()) << "a draining model takes no new work";
  EXPECT_FALSE(fleet_->try_lease(id("a")));
  give_back(held);
  EXPECT_TRUE(unload->ok());
  EXPECT_EQ(spawned(), 2U);
  ready(1);
  EXPECT_TRUE(next->ok());
}

TEST_F(FleetTest, ADrainHasALimit) {
  make();
  auto held = lease("a");
  ready(0);
  auto unload = start(fleet_->unload(id("a"), clock_.now() + minutes(10)));
  pass(minutes(3));
  EXPECT_TRUE(unload->ok());
  EXPECT_EQ(state("a"), WorkerState::kCold);
  give_back(held);
}

TEST_F(FleetTest, UnloadOfALoadingModelEndsIt) {
  make();
  auto waiting = lease("a");
  auto unload = start(fleet_->unload(id("a"), clock_.now() + minutes(1)));
  EXPECT_EQ(waiting->fault(), Fault::kUnavailable);
  EXPECT_TRUE(unload->ok());
  EXPECT_EQ(view("a").failures, 0);
}

TEST_F(FleetTest, LoadAndUnloadAreIdempotent) {
  make();
  EXPECT_TRUE(start(fleet_->unload(id("a"), clock_.now() + minutes(1)))->ok());
  auto first = start(fleet_->load(id("a"), clock_.now() + minutes(1)));
  ready(0);
  EXPECT_TRUE(first->ok());
  EXPECT_TRUE(start(fleet_->load(id("a"), clock_.now() + minutes(1)))->ok());
  EXPECT_EQ(spawned(), 1U);
  EXPECT_EQ(start(fleet_->load(id("nobody"), clock_.now() + minutes(1)))->fault(), Fault::kNotFound);
}

TEST_F(FleetTest, LoadReportsItsProgress) {
  make();
  std::vector<double> seen;
  auto load =
      start(fleet_->load(id("a"), clock_.now() + minutes(1), [&](const WorkerView& v) { seen.push_back(v.fraction); }));
  for (const char* line : {"load text 0.25", "load text 0.75"}) {
    spawner_.print(0, line);
    run();
    pass(milliseconds(200));
  }
  ready(0);
  EXPECT_TRUE(load->ok());
  EXPECT_THAT(seen, testing::IsSupersetOf({0.25, 0.75}));
}

TEST_F(FleetTest, AVanishedFileDrainsItsWorker) {
  make();
  auto held = lease("a");
  ready(0);
  fleet_->set_models({local("b", 4000)});
  run();
  EXPECT_EQ(lease("a")->fault(), Fault::kNotFound);
  EXPECT_EQ(state("a"), WorkerState::kDraining);
  give_back(held);
  const auto view = start(fleet_->view());
  EXPECT_EQ((*view->result)->get()->find(ModelId{"local/a"}), nullptr);
}

TEST_F(FleetTest, AChangedFileIsLoadedAnew) {
  make();
  auto held = lease("a");
  ready(0);
  auto changed = local("a", 5000);
  fleet_->set_models({changed, local("b", 4000)});
  run();
  give_back(held);
  EXPECT_EQ(state("a"), WorkerState::kCold);
  EXPECT_EQ(view("a").need, mebibytes(5000));
}

TEST_F(FleetTest, AFileThatChangedSinceTheScanAsksForAnother) {
  make();
  runner_.refuse = Error{.fault = Fault::kConflict, .what = "changed"};
  EXPECT_EQ(lease("a")->fault(), Fault::kConflict);
  EXPECT_EQ(stale_, std::vector<std::string>{"local/a"});
  EXPECT_EQ(view("a").device, "") << "nothing stays booked";
}

TEST_F(FleetTest, AProcessThatCannotStartBooksNothing) {
  make();
  spawner_.refuse = Error{.fault = Fault::kInternal, .what = "no processes left"};
  EXPECT_EQ(lease("a")->fault(), Fault::kInternal);
  EXPECT_EQ(state("a"), WorkerState::kCold);
}

TEST_F(FleetTest, ShutdownEndsEveryWorkerAndWaits) {
  make();
  auto held = lease("a"), loading = lease("b");
  ready(0);
  spawner_.children[1]->ends_when_asked = false;
  auto down = start(fleet_->shutdown());
  EXPECT_EQ(loading->fault(), Fault::kUnavailable);
  EXPECT_TRUE(down->pending());
  EXPECT_FALSE(fleet_->try_lease(id("a")));
  pass(seconds(4));
  EXPECT_TRUE(down->ok());
  EXPECT_FALSE(spawner_.children[0]->alive || spawner_.children[1]->alive);
  EXPECT_EQ(lease("a")->fault(), Fault::kUnavailable);
}

TEST_F(FleetTest, APathTooLongForASocketIsAnError) {
  FleetOptions options;
  make(options);
  FleetOptions deep;
  deep.run_folder = "/" + std::string(100, 'x');
  fleet_ = std::make_unique<Fleet>(loop_, spawner_, runner_, memory_, gpus_, clock_, deep);
  fleet_->set_models({local("a", 100)});
  run();
  EXPECT_THAT(lease("a")->what(), testing::HasSubstr("too long"));
}

}  // namespace
}  // namespace orchestra
