// One local model's worker, as the control loop keeps it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "domain/fleet_view.h"
#include "domain/local_model.h"
#include "fleet/gate.h"
#include "fleet/waiter.h"
#include "ports/spawner.h"

namespace orchestra {

struct Worker {
  Worker(LocalModel local, Gate& door) : model(std::move(local)), gate(door) {}
  const ModelId& id() const noexcept { return model.model.id; }

  LocalModel model;
  Gate& gate;
  std::deque<WaiterPtr> line;              // for a lease or the load; first come, first served
  std::deque<WaiterPtr> unloads;           // for its being down
  TimePoint wanted_since{};                // when the line was last empty before
  std::optional<LocalModel> next_version;  // the file changed: taken over once this one is down
  bool removed = false;                    // the file vanished: forgotten once it is down
  bool restart = false;                    // crashed while it served: comes back without being asked
  bool prefetch = false;                   // wanted soon: loaded without being asked
  bool pinned = false;

  WorkerState state = WorkerState::kCold;
  WorkerState after = WorkerState::kCold;  // what follows kReclaiming
  TimePoint since{};                       // of the state
  WallTime since_wall{};
  std::string stage;
  double fraction = 0;

  std::unique_ptr<Process> process;
  std::uint64_t run = 0;  // counts processes: answers that belong to an earlier one are ignored
  std::size_t device = 0;
  Bytes booked;
  TimePoint load_started{}, last_sign{};  // of life, while loading
  Bytes last_free;                        // of the device, while reclaiming
  Micros last_load{};                     // how long the last load took; 0: never loaded

  int failures = 0;  // in a row
  TimePoint retry_at{};
  std::string error;                       // of the last failure
  std::string doomed;                      // why this process was killed while it loaded
  bool reports = false;                    // whoever leaves the gate says so
  WorkerState shown = WorkerState::kCold;  // in the last published view
};
// Shared: a health check on its way looks whether its worker is still there.
using WorkerPtr = std::shared_ptr<Worker>;

constexpr bool holds_memory(WorkerState state) noexcept {
  switch (state) {
    case WorkerState::kReserved:
    case WorkerState::kLoading:
    case WorkerState::kWarming:
    case WorkerState::kReady:
    case WorkerState::kDraining:
    case WorkerState::kUnloading:
    case WorkerState::kReclaiming: return true;
    default: return false;
  }
}

constexpr bool is_leaving(WorkerState state) noexcept {
  return state == WorkerState::kDraining || state == WorkerState::kUnloading || state == WorkerState::kReclaiming;
}

constexpr bool is_loading(WorkerState state) noexcept {
  return state == WorkerState::kReserved || state == WorkerState::kLoading || state == WorkerState::kWarming;
}

}  // namespace orchestra
