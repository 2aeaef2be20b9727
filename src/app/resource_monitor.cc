#include "app/resource_monitor.h"

namespace orchestra::app {
namespace {

std::int64_t minute_of(WallTime time) noexcept {
  return std::chrono::duration_cast<std::chrono::minutes>(time.time_since_epoch()).count();
}

// A clock of the system that goes back, or none between two readings, tells nothing.
std::optional<double> busy_share(const std::optional<CpuTimes>& before, const std::optional<CpuTimes>& now) noexcept {
  if (!before || !now || now->all <= before->all || now->busy < before->busy) return std::nullopt;
  const double share = static_cast<double>(now->busy - before->busy) / static_cast<double>(now->all - before->all);
  return std::min(1.0, share);
}

std::optional<double> swap_share(const HostMemory& memory) noexcept {
  if (memory.swap_total.count <= 0) return std::nullopt;
  return 1.0 - static_cast<double>(memory.swap_free.count) / static_cast<double>(memory.swap_total.count);
}

}  // namespace

void ResourceMonitor::Sums::add(const ResourceSample& sample) noexcept {
  ++count;
  total = sample.total;
  available += static_cast<double>(sample.available.count);
  cpu_count += sample.cpu ? 1 : 0;
  cpu += sample.cpu.value_or(0);
  swap_count += sample.swap_used ? 1 : 0;
  swap += sample.swap_used.value_or(0);
}

ResourceSample ResourceMonitor::Sums::mean() const noexcept {
  ResourceSample mean{.at = WallTime(std::chrono::minutes(minute)),
                      .total = total,
                      .available = Bytes(static_cast<std::int64_t>(available / count))};
  if (cpu_count > 0) mean.cpu = cpu / cpu_count;
  if (swap_count > 0) mean.swap_used = swap / swap_count;
  return mean;
}

ResourceMonitor::ResourceMonitor(MemoryProbe& memory, CpuProbe& cpu, const Clock& clock)
    : memory_(memory), cpu_(cpu), clock_(clock), minutes_(std::make_shared<const std::vector<ResourceSample>>()) {}

ResourceSample ResourceMonitor::sample() {
  const HostMemory memory = memory_.host();
  const std::optional<CpuTimes> times = cpu_.times();
  return {.at = clock_.wall(),
          .total = memory.total,
          .available = memory.available,
          .cpu = busy_share(std::exchange(last_times_, times), times),
          .swap_used = swap_share(memory)};
}

void ResourceMonitor::keep(const ResourceSample& sample) {
  const std::int64_t minute = minute_of(sample.at);
  if (sums_.count > 0 && sums_.minute != minute) {
    auto minutes = std::make_shared<std::vector<ResourceSample>>(*minutes_);
    if (minutes->size() >= kMinutes) minutes->erase(minutes->begin());
    minutes->push_back(sums_.mean());
    minutes_ = std::move(minutes);
    sums_ = {};
  }
  sums_.minute = minute;
  sums_.add(sample);
}

ResourceViewPtr ResourceMonitor::tick() {
  const TimePoint now = clock_.now();
  if (now < due_) return nullptr;
  due_ = now + kEvery;
  const ResourceSample taken = sample();
  keep(taken);
  return std::make_shared<const ResourceView>(ResourceView{.now = taken, .minutes = minutes_});
}

}  // namespace orchestra::app
