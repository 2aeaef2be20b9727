// The local workers as everybody else sees them: an immutable snapshot, posted to each loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "domain/model.h"

namespace orchestra {

enum class WorkerState : std::uint8_t {
  kCold,         // not loaded
  kPlanned,      // wanted, waiting for room that others give back
  kReserved,     // its memory is booked, the process is being started
  kLoading,      // reading the model; `stage` and `fraction` say how far
  kWarming,      // loaded, first health check pending
  kReady,        // takes leases; with in_flight > 0 DESIGN calls it SERVING
  kDraining,     // takes no new work, finishes what it has
  kUnloading,    // told to end
  kReclaiming,   // ended; its memory is not yet seen free
  kFailed,       // crashed or did not load; may be tried again, and is cold, from `retry_at` on
  kQuarantined,  // failed too often in a row; stays down until asked for by name (load) or its file changes
};

// "cold", "loading", ...: the words of /api/ps and the CLI.
constexpr std::string_view worker_state_name(WorkerState state) noexcept {
  switch (state) {
    case WorkerState::kCold: return "cold";
    case WorkerState::kPlanned: return "planned";
    case WorkerState::kReserved: return "reserved";
    case WorkerState::kLoading: return "loading";
    case WorkerState::kWarming: return "warming";
    case WorkerState::kReady: return "ready";
    case WorkerState::kDraining: return "draining";
    case WorkerState::kUnloading: return "unloading";
    case WorkerState::kReclaiming: return "reclaiming";
    case WorkerState::kFailed: return "failed";
    case WorkerState::kQuarantined: return "quarantined";
  }
  return "cold";
}

struct WorkerView {
  ModelId model;
  WorkerState state = WorkerState::kCold;
  std::string stage;    // while loading, in the engine's words, e.g. "text_model"
  double fraction = 0;  // of the load, 0 to 1
  std::string device;   // "cpu" or "gpu0"; empty when it holds no memory
  Bytes need;           // the estimate; booked while the state is kReserved to kReclaiming
  int pid = 0;
  int slots = 0, in_flight = 0, waiting = 0;
  Tokens context_per_slot;
  WallTime since{};  // of the state
  std::optional<WallTime> last_used, expires_at, retry_at;
  Micros expected_load{};  // 0 when loaded; from earlier loads, else from the file's size
  int failures = 0;        // in a row
  std::string error;       // why it failed, without paths
  bool pinned = false;
};

struct DeviceView {
  std::string name;    // "cpu", "gpu0"
  std::string detail;  // e.g. the GPU's product name
  Bytes budget;        // the most that models may book
  Bytes booked;        // resident + reserved + reclaiming
  Bytes free;          // as the operating system or the driver says
};

struct FleetView {
  std::int64_t version = 0;
  std::vector<WorkerView> workers;  // every local model, sorted by id
  std::vector<DeviceView> devices;

  const WorkerView* find(const ModelId& model) const noexcept {
    for (const auto& worker : workers) {
      if (worker.model == model) return &worker;
    }
    return nullptr;
  }
};
using FleetViewPtr = std::shared_ptr<const FleetView>;  // shared: every loop keeps the latest

}  // namespace orchestra
