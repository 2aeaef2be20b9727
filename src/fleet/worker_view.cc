#include "fleet/worker_view.h"

#include <algorithm>

namespace orchestra {
namespace {

// Reading speed of a first load, until one was measured: a slow SSD.
constexpr std::int64_t kBytesPerMicro = 500;
constexpr Micros kStartTime = std::chrono::milliseconds(200);

Micros expected_load(const Worker& worker, TimePoint now) {
  if (worker.state == WorkerState::kReady) return Micros(0);
  const auto fresh = kStartTime + Micros(worker.model.need.weights.count / kBytesPerMicro);
  const auto whole = worker.last_load > Micros(0) ? worker.last_load : fresh;
  if (!is_loading(worker.state)) return whole;
  const auto spent = std::chrono::duration_cast<Micros>(now - worker.load_started);
  return std::max(Micros(0), whole - spent);
}

}  // namespace

WorkerView view_of(const Worker& worker, const ViewContext& context) {
  const auto now = context.clock.now();
  const auto wall = [&](TimePoint time) {
    return context.clock.wall() + std::chrono::duration_cast<Micros>(time - now);
  };
  WorkerView view{.model = worker.id(), .state = worker.state, .stage = worker.stage, .fraction = worker.fraction};
  if (holds_memory(worker.state)) view.device = context.ledger.name(worker.device);
  view.need = worker.model.need.total();
  view.pid = worker.process ? worker.process->pid() : 0;
  view.slots = worker.model.slots;
  view.in_flight = worker.gate.in_flight();
  view.waiting = static_cast<int>(worker.line.size());
  view.context_per_slot = worker.model.context_per_slot;
  view.since = worker.since_wall;
  if (worker.gate.last_left() > TimePoint{}) view.last_used = wall(worker.gate.last_left());
  if (worker.state == WorkerState::kReady && context.expires) view.expires_at = wall(*context.expires);
  if (worker.state == WorkerState::kFailed) view.retry_at = wall(worker.retry_at);
  view.expected_load = expected_load(worker, now);
  view.failures = worker.failures;
  view.error = worker.error;
  view.pinned = worker.pinned;
  return view;
}

}  // namespace orchestra
