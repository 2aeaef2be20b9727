// The fleet's settings; app/ fills them from the configuration.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_map>

#include "base/units.h"
#include "domain/fleet_view.h"
#include "domain/model.h"

namespace orchestra {

struct FleetOptions {
  std::string run_folder;                       // absolute; sockets are `<run_folder>/<short>.sock`
  Micros keep_alive = std::chrono::minutes(5);  // idle time before a model is unloaded; 0: at once; negative: never
  std::unordered_map<std::string, Micros> keep_alive_of;  // by model id
  std::set<std::string> pinned;                           // model ids that are never evicted for others
  Bytes host_budget;                                      // 0: 80 % of the memory there is
  Bytes gpu_budget;                                       // per GPU; 0: 90 % of it
  bool use_gpu = false;                                   // place models on GPUs where they fit whole
  Micros load_timeout = std::chrono::minutes(10);
  Micros stall_timeout = std::chrono::minutes(2);  // longest silence of a loading worker
  Micros drain_timeout = std::chrono::minutes(2);  // a draining worker's last leases are cut after it
  Micros end_grace = std::chrono::seconds(3);      // between the farewell and SIGKILL
  Micros room_wait = std::chrono::seconds(30);     // longest wait for busy models to give memory back
  Micros stable_after = std::chrono::minutes(1);   // ready for so long: earlier failures are forgotten
  int max_failures = 5;                            // in a row, then quarantine
  std::function<void(FleetViewPtr)> publish;       // control loop; at every change, progress at most 10 times a second
  std::function<void(const ModelId&)> stale;       // control loop; a model's file changed: scan again
};

}  // namespace orchestra
