#include "host/cpu_probe.h"

#include <array>
#include <fstream>
#include <numeric>

namespace orchestra::host {

// "cpu  user nice system idle iowait irq softirq steal guest guest_nice", of all cores together (man 5 proc). Guests
// are in user and nice already.
std::optional<CpuTimes> ProcCpuProbe::times() {
  std::ifstream in(root_ + "/proc/stat");
  std::string name;
  std::array<std::uint64_t, 8> ticks{};
  if (!(in >> name) || name != "cpu") return std::nullopt;
  for (std::uint64_t& value : ticks) {
    if (!(in >> value)) return std::nullopt;
  }
  const std::uint64_t all = std::accumulate(ticks.begin(), ticks.end(), std::uint64_t{0});
  return CpuTimes{.busy = all - ticks[3] - ticks[4], .all = all};
}

}  // namespace orchestra::host
