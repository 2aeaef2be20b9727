// Who gets which worker when: the lines, the planning, the keep-alive, the published view. Control loop only.
//
// It is level-triggered: whatever happened, pump() looks at every worker and does what its state and the clock call
// for. Events only ask for a pump, so that no handler runs inside another.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/task.h"
#include "fleet/lifecycle.h"

namespace orchestra {

class Supervisor : public std::enable_shared_from_this<Supervisor> {
 public:
  Supervisor(boost::asio::io_context& control, Spawner& spawner, Runner& runner, MemoryProbe& memory, GpuProbe& gpus,
             Clock& clock, FleetOptions options, GateTable& gates);

  void set_models(std::vector<LocalModel> models);
  // Every waiter gets exactly one answer, unless it is gone before.
  void enlist(const WaiterPtr& waiter);
  void prefetch(const ModelId& model);
  void pump();
  // Asks for a pump once this handler is over.
  void call();

 private:
  void adopt(LocalModel model);
  void change(Worker& worker, LocalModel model);
  void enlist_lease(Worker& worker, const WaiterPtr& waiter);
  void enlist_load(Worker& worker, const WaiterPtr& waiter);
  void enlist_unload(Worker& worker, const WaiterPtr& waiter);
  void shut_down(const WaiterPtr& waiter);

  void expire(Worker& worker);
  void step(Worker& worker);
  void step_ready(Worker& worker);
  void step_down(Worker& worker);
  void serve(Worker& worker);
  void forget_removed();
  void plan();
  bool place(const WorkerPtr& worker);
  void start(const WorkerPtr& worker, std::size_t device);
  void refuse(Worker& worker, const Error& error);

  bool wanted(const Worker& worker) const;
  void publish();
  void arm();
  FleetViewPtr view();

  boost::asio::io_context& control_;
  Clock& clock_;
  FleetOptions options_;
  GateTable& gates_;
  MemoryLedger ledger_;
  Lifecycle lifecycle_;
  Workforce workers_;
  Timer timer_;
  std::deque<WaiterPtr> shutdowns_;
  bool stopping_ = false, pump_asked_ = false, moved_ = false, someone_planned_ = false;
  TimePoint published_{};
  std::int64_t version_ = 0;
};

}  // namespace orchestra
