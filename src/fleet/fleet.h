// The local models' life: loads them on demand into the memory there is, lends their places, unloads them again.
//
// Every state lives on the control loop; the methods here may be called from any loop and hop there. A warm lease does
// not: try_lease is one compare-and-swap on the model's gate.
//
// Lifetimes: data loops, with their leases and waiting coroutines, end before the Fleet; the Fleet ends before the
// control io_context and before the ports it was given. Call shutdown() first: it ends every worker and waits.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "domain/fleet_view.h"
#include "domain/local_model.h"
#include "fleet/options.h"
#include "ports/gpu_probe.h"
#include "ports/memory_probe.h"
#include "ports/runner.h"
#include "ports/spawner.h"
#include "ports/workers.h"

namespace orchestra {

class Supervisor;
class GateTable;
struct Granted;
struct Wish;

class Fleet final : public Workers {
 public:
  using Options = FleetOptions;
  using OnProgress = std::function<void(const WorkerView&)>;

  Fleet(boost::asio::io_context& control, Spawner& spawner, Runner& runner, MemoryProbe& memory, GpuProbe& gpus,
        Clock& clock, Options options);
  ~Fleet() override;

  std::optional<Lease> try_lease(const ModelId& model) noexcept override;
  Task<Lease> lease(const ModelId& model, TimePoint deadline) override;

  // The models there are, after a scan. New ones are cold; vanished ones are drained and forgotten; a changed file
  // drains the old worker and lifts a quarantine.
  void set_models(std::vector<LocalModel> models);
  // Loads without leasing; at once when it is loaded. Lifts a quarantine. `progress` runs on the caller's loop.
  Task<void> load(const ModelId& model, TimePoint deadline, OnProgress progress = {});
  // Begins to load a model that is wanted soon, and returns at once. Nobody waits for it, so it makes room by ending
  // idle models only, and is forgotten where that is not enough. One that has failed stays down
  // until its backoff is over.
  void prefetch(const ModelId& model);
  // Finishes what is in flight and unloads; returns when the memory is free again. At once when it is not loaded.
  Task<void> unload(const ModelId& model, TimePoint deadline);
  // As of now; the published view may be as old as the last state change.
  Task<FleetViewPtr> view();
  // Refuses new work, ends every worker, waits for their ends.
  Task<void> shutdown();
  // Control loop only: does what is due by the clock. A timer calls it; tests with a fake clock call it themselves.
  void tick();

 private:
  Task<Granted> ask(Wish wish);

  boost::asio::io_context& control_;
  std::unique_ptr<GateTable> gates_;
  std::shared_ptr<Supervisor> supervisor_;  // shared: posts on their way look whether it is still there
};

}  // namespace orchestra
