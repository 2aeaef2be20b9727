// When the supervisor has something to do for a worker. Pure.
#pragma once

#include <optional>

#include "fleet/options.h"
#include "fleet/worker.h"

namespace orchestra {

Micros keep_alive(const Worker& worker, const FleetOptions& options);
// When a ready worker is unloaded if nobody uses it until then; nothing: never.
std::optional<TimePoint> expiry(const Worker& worker, const FleetOptions& options);
// Deadlines in its line, its keep-alive, its retry, the end of its wait for room.
TimePoint next_step(const Worker& worker, const FleetOptions& options);

}  // namespace orchestra
