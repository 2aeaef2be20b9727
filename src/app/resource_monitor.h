// Samples what this machine has and uses. Control loop only.
#pragma once

#include <memory>

#include "base/clock.h"
#include "domain/resources.h"
#include "ports/cpu_probe.h"
#include "ports/memory_probe.h"

namespace orchestra::app {

class ResourceMonitor {
 public:
  static constexpr Micros kEvery = std::chrono::seconds(5);
  static constexpr std::size_t kMinutes = 24 * 60;  // that are kept

  ResourceMonitor(MemoryProbe& memory, CpuProbe& cpu, const Clock& clock);
  // A new view where a sample is due, else null. The first call samples at once; the share of the cores is known from
  // the second sample on.
  ResourceViewPtr tick();

 private:
  // Samples of one minute, to be averaged.
  struct Sums {
    std::int64_t minute = 0;  // since 1970
    int count = 0, cpu_count = 0, swap_count = 0;
    double available = 0, cpu = 0, swap = 0;
    Bytes total;
    void add(const ResourceSample& sample) noexcept;
    ResourceSample mean() const noexcept;
  };

  ResourceSample sample();
  void keep(const ResourceSample& sample);

  MemoryProbe& memory_;
  CpuProbe& cpu_;
  const Clock& clock_;
  TimePoint due_{};
  std::optional<CpuTimes> last_times_;
  Sums sums_;
  std::shared_ptr<const std::vector<ResourceSample>> minutes_;  // shared: with the views
};

}  // namespace orchestra::app
