#include "fleet/schedule.h"

#include <algorithm>

namespace orchestra {

Micros keep_alive(const Worker& worker, const FleetOptions& options) {
  const auto own = options.keep_alive_of.find(worker.id().text);
  return own == options.keep_alive_of.end() ? options.keep_alive : own->second;
}

std::optional<TimePoint> expiry(const Worker& worker, const FleetOptions& options) {
  auto keep = keep_alive(worker, options);
  if (keep < Micros(0)) return std::nullopt;
  const auto left = worker.gate.last_left();
  // "At once" means after its first use; a model that was only loaded has not been used yet.
  if (keep == Micros(0) && left < worker.since) keep = std::chrono::minutes(5);
  return std::max(left, worker.since) + keep;
}

TimePoint next_step(const Worker& worker, const FleetOptions& options) {
  auto when = TimePoint::max();
  for (const auto& waiter : worker.line) when = std::min(when, waiter->wish().deadline);
  for (const auto& waiter : worker.unloads) when = std::min(when, waiter->wish().deadline);
  if (worker.state == WorkerState::kReady) {
    const auto expires = expiry(worker, options);
    if (expires && !worker.reports) when = std::min(when, *expires);
    if (worker.failures > 0) when = std::min(when, worker.since + options.stable_after);
  }
  if (worker.state == WorkerState::kFailed) when = std::min(when, worker.retry_at);
  if (worker.state == WorkerState::kPlanned) when = std::min(when, worker.since + options.room_wait);
  return when;
}

}  // namespace orchestra
