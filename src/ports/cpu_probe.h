// How long the machine's cores have worked.
#pragma once

#include <cstdint>
#include <optional>

namespace orchestra {

// Sums over all cores since the machine started, in the system's ticks.
struct CpuTimes {
  std::uint64_t busy = 0, all = 0;
  friend bool operator==(const CpuTimes&, const CpuTimes&) = default;
};

class CpuProbe {
 public:
  virtual ~CpuProbe() = default;
  virtual std::optional<CpuTimes> times() = 0;  // nothing where the system does not say
};

}  // namespace orchestra
