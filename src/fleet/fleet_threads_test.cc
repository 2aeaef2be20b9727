#include "fleet/fleet.h"

#include <boost/asio/executor_work_guard.hpp>
#include <thread>

#include "ports/fake_probes.h"
#include "ports/fake_runner.h"
#include "ports/fake_spawner.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;

// A spawner whose processes are ready as soon as they run.
class EagerSpawner final : public Spawner {
 public:
  explicit EagerSpawner(asio::io_context& loop) : fake_(loop) {}
  Result<std::unique_ptr<Process>> spawn(const SpawnSpec& spec, ProcessEvents events) override {
    auto process = fake_.spawn(spec, std::move(events));
    fake_.print(fake_.children.size() - 1, "ready");
    return process;
  }
  std::size_t spawned() const { return fake_.children.size(); }

 private:
  FakeSpawner fake_;
};

struct Tally {
  std::atomic<int> leased{0}, failed{0}, inside{0}, most{0};
};

Task<void> use(Fleet& fleet, const Clock& clock, ModelId model, Tally& tally, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const auto lease = co_await fleet.lease(model, clock.now() + std::chrono::minutes(1));
    if (!lease) {
      ++tally.failed;
      continue;
    }
    const int now = ++tally.inside;
    int seen = tally.most.load();
    while (now > seen && !tally.most.compare_exchange_weak(seen, now)) {
    }
    ++tally.leased;
    // A turn of the loop, so that others run while the lease is out.
    co_await sleep_until(TimePoint{});
    --tally.inside;
  }
  co_return Result<void>();
}

TEST(FleetThreads, DataLoopsShareTheSlotsAndLoseNone) {
  constexpr int kLoops = 3, kUsers = 8, kRounds = 100, kSlots = 4;
  asio::io_context control;
  SystemClock clock;
  EagerSpawner spawner(control);
  FakeRunner runner;
  FakeMemoryProbe memory;
  FakeGpuProbe gpus;
  FleetOptions options;
  options.run_folder = "/run/x";
  Fleet fleet(control, spawner, runner, memory, gpus, clock, options);
  LocalModel model;
  model.model.id = ModelId{"local/a"};
  model.files = {{"/a.gguf", mebibytes(1), 1}};
  model.slots = kSlots;
  model.need.weights = mebibytes(1);
  fleet.set_models({model});
  auto guard = asio::make_work_guard(control);
  std::thread control_thread([&] { control.run(); });

  Tally tally;
  std::vector<std::thread> loops;
  for (int l = 0; l < kLoops; ++l) {
    loops.emplace_back([&] {
      asio::io_context loop(1);
      for (int u = 0; u < kUsers; ++u) {
        asio::co_spawn(loop.get_executor(), use(fleet, clock, model.model.id, tally, kRounds), asio::detached);
      }
      loop.run();
    });
  }
  for (auto& loop : loops) loop.join();
  guard.reset();
  control.stop();
  control_thread.join();

  EXPECT_EQ(tally.leased, kLoops * kUsers * kRounds);
  EXPECT_EQ(tally.failed, 0);
  EXPECT_LE(tally.most, kSlots);
  EXPECT_EQ(spawner.spawned(), 1U);
  EXPECT_TRUE(fleet.try_lease(model.model.id)) << "every place came back and the line is empty";
}

}  // namespace
}  // namespace orchestra
