// GET /api/v1/ai/resources/metrics: what this machine has and uses, as the clients of README 003's code ask for it
// (CONTRACTS 4.2).
//
//   memoryPressure    the share of the memory that is taken, 0 to 1
//   pressureLevel     low, from 0.3 on moderate, from 0.7 on high, from 0.9 on critical
//   *MemoryGb         within the limits of this process's control groups; in powers of 1000
//   cpuUsage          per cent of all cores, over the last 5 s; null until there were two readings
//   swapUsedPercent   null where there is no swap
//   history           the means of the minutes that are over since the server started, oldest first; at most the last
//                     `hours` (0.1 to 24, by default 1); empty with includeHistory=false
#pragma once

#include "api/models.h"
#include "api/router.h"
#include "base/json.h"

namespace orchestra {

// README 003's systemMetrics, an object. `resources` null: all members are null.
void write_system_metrics(JsonWriter& writer, const ResourceView* resources);

// All references outlive the router.
void add_resource_routes(Router& router, const Snapshots& snapshots, const Clock& clock);

}  // namespace orchestra
