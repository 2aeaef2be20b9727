// A machine with as much memory as a test says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ports/cpu_probe.h"
#include "ports/gpu_probe.h"
#include "ports/memory_probe.h"

namespace orchestra {

class FakeMemoryProbe final : public MemoryProbe {
 public:
  HostMemory host() override { return memory; }
  Bytes unbacked(int pid) override { return taken[pid]; }

  HostMemory memory{mebibytes(10'000), mebibytes(10'000)};
  std::map<int, Bytes> taken;
};

class FakeCpuProbe final : public CpuProbe {
 public:
  std::optional<CpuTimes> times() override { return now; }

  std::optional<CpuTimes> now = CpuTimes{};
};

class FakeGpuProbe final : public GpuProbe {
 public:
  std::vector<GpuDevice> devices() override { return gpus; }
  std::string detail() const override { return "fake"; }

  std::vector<GpuDevice> gpus;
};

}  // namespace orchestra
