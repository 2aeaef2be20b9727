// The host's memory from /proc/meminfo and the cgroup v2 (or v1) limits above this process.
#pragma once

#include <string>
#include <string_view>

#include "ports/memory_probe.h"

namespace orchestra::host {

// Reads a handful of small files per call; safe on a loop. `root` stands before /proc and /sys, for tests.
class ProcMemoryProbe final : public MemoryProbe {
 public:
  explicit ProcMemoryProbe(std::string root = "") : root_(std::move(root)) {}
  HostMemory host() override;
  Bytes unbacked(int pid) override;

 private:
  std::string root_;
};

// "MemAvailable:  123 kB" of /proc/meminfo and /proc/PID/status; 0 when the key is absent.
Bytes meminfo_value(std::string_view text, std::string_view key) noexcept;

}  // namespace orchestra::host
