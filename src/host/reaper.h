// What an earlier run left behind.
#pragma once

#include <string>

#include "base/result.h"

namespace orchestra {

// Kills what an earlier run left behind and removes its PID records and sockets. A process is ours only if its PID, its
// start time and the boot id all match the record. Blocks for at most 5 s; call it before the first spawn, holding the
// data folder's lock. Returns how many were killed; kInternal when the folder cannot be made or read.
Result<int> reap_orphans(const std::string& run_folder);

}  // namespace orchestra
