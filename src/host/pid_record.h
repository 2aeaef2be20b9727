// Who a worker is, on disk: so that a later run can tell an orphan of ours from a stranger that got its number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace orchestra {

// A PID alone is reused; with the start time it is unique within a boot, with the boot id for ever.
struct PidRecord {
  int pid = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot: field 22 of /proc/PID/stat
  std::string boot_id;           // /proc/sys/kernel/random/boot_id
  friend bool operator==(const PidRecord&, const PidRecord&) = default;
};

// The process as it is now; nothing when there is none.
std::optional<PidRecord> identify(int pid);
// One line, "PID START BOOT\n"; written whole or not at all.
Result<void> write_record(const std::string& path, const PidRecord& record);
std::optional<PidRecord> read_record(const std::string& path);

}  // namespace orchestra
