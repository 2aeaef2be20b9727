// What happens to one worker's process, from the start to the moment its memory is free again. Control loop only.
//
//     start -> RESERVED -> LOADING -> WARMING -> READY -> drain -> DRAINING -> UNLOADING -> RECLAIMING -> COLD
//     an unexpected end of the process -> RECLAIMING -> FAILED (backoff) or QUARANTINED
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>

#include "base/clock.h"
#include "fleet/memory_ledger.h"
#include "fleet/options.h"
#include "fleet/worker.h"
#include "ports/runner.h"

namespace orchestra {

class Lifecycle {
 public:
  struct Events {
    std::function<void()> moved;               // a worker's state or progress changed
    std::function<void(Worker&)> load_failed;  // with the reason in Worker::error
  };
  Lifecycle(boost::asio::io_context& control, Spawner& spawner, Runner& runner, MemoryLedger& ledger, Clock& clock,
            const FleetOptions& options, Events events);

  // Books `device` and starts the process. An error leaves the worker as it was, with nothing booked.
  Result<void> start(const WorkerPtr& worker, std::size_t device);
  // No new leases; ends the process when the last one is back, or at the drain timeout.
  void drain(Worker& worker);
  // A lease came back to a draining worker.
  void settle(Worker& worker);
  // Ends the process now: leases still out break.
  void end(Worker& worker);
  // What is due by the clock. Loading, draining, unloading and reclaiming workers have deadlines.
  void tick(Worker& worker);
  // When tick has something to do for this worker next.
  TimePoint due(const Worker& worker) const;

  // Changes the state alone, and notes when.
  void enter(Worker& worker, WorkerState state);
  std::string socket_path(const ModelId& model) const;

 private:
  void on_line(const WorkerPtr& worker, std::uint64_t run, std::string_view line);
  void on_exit(const WorkerPtr& worker, std::uint64_t run, ProcessExit exit);
  void check(const WorkerPtr& worker);
  void checked(const WorkerPtr& worker, const Result<void>& health);
  void record_failure(Worker& worker, std::string reason);
  void reclaim(Worker& worker);
  void release(Worker& worker);
  void kill_stuck(Worker& worker, std::string reason);

  boost::asio::io_context& control_;
  Spawner& spawner_;
  Runner& runner_;
  MemoryLedger& ledger_;
  Clock& clock_;
  const FleetOptions& options_;
  Events events_;
};

// 250 ms, doubled with every failure in a row, at most a minute.
Micros backoff(int failures) noexcept;

}  // namespace orchestra
