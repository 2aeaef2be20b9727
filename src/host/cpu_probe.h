// The cores' times from /proc/stat.
#pragma once

#include <string>

#include "ports/cpu_probe.h"

namespace orchestra::host {

// Reads one small file per call; safe on a loop. `root` stands before /proc, for tests.
class ProcCpuProbe final : public CpuProbe {
 public:
  explicit ProcCpuProbe(std::string root = "") : root_(std::move(root)) {}
  std::optional<CpuTimes> times() override;

 private:
  std::string root_;
};

}  // namespace orchestra::host
