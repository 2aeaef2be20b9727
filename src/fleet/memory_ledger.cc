#include "fleet/memory_ledger.h"

#include <fmt/format.h>

#include <algorithm>

namespace orchestra {
namespace {

constexpr std::int64_t kHostShare = 80, kGpuShare = 90;  // per cent

Bytes share(Bytes total, std::int64_t per_cent) noexcept {
  return Bytes(total.count / 100 * per_cent);
}

}  // namespace

std::vector<MemoryLedger::Device> MemoryLedger::look() {
  const auto host = memory_.host();
  const auto host_budget = options_.host_budget > Bytes(0) ? options_.host_budget : share(host.total, kHostShare);
  std::vector<Device> devices;
  devices.push_back({{.name = "cpu", .budget = host_budget, .driver_free = host.available}, "memory"});
  if (!options_.use_gpu) return devices;
  for (const auto& gpu : gpus_.devices()) {
    const auto most = share(gpu.total, kGpuShare);
    const auto budget = options_.gpu_budget > Bytes(0) ? std::min(options_.gpu_budget, gpu.total) : most;
    devices.push_back({{.name = fmt::format("gpu{}", gpu.index), .budget = budget, .driver_free = gpu.free}, gpu.name});
  }
  return devices;
}

std::vector<Booking> MemoryLedger::bookings(const Workforce& workers) {
  std::vector<Booking> out;
  for (const auto& [id, worker] : workers) {
    if (!holds_memory(worker->state)) continue;
    const bool idle = worker->state == WorkerState::kReady && worker->gate.in_flight() == 0 && worker->line.empty();
    Booking booking{.model = worker->id(), .device = worker->device, .booked = worker->booked};
    booking.leaving = is_leaving(worker->state);
    booking.pinned = worker->pinned;
    booking.busy = !idle;
    booking.last_used = std::max(worker->gate.last_left(), worker->since);
    // A GPU has everything once it is loaded. The host's `available` never misses what is backed by a file.
    const bool loading = is_loading(worker->state);
    const auto seen = worker->device == 0 && worker->process ? memory_.unbacked(worker->process->pid()) : Bytes(0);
    if (worker->device == 0 || loading) booking.unseen = std::max(Bytes(0), worker->booked - seen);
    out.push_back(booking);
  }
  return out;
}

PlaceDecision MemoryLedger::place(const Worker& wanted, const Workforce& workers) {
  const auto seen = look();
  std::vector<PlaceDevice> devices;
  devices.reserve(seen.size());
  for (const auto& device : seen) devices.push_back(device.place);
  std::vector<PlaceOption> options;
  const auto need = wanted.model.need.total();
  for (std::size_t i = 1; i < devices.size(); ++i) options.push_back({i, need});
  options.push_back({0, need});
  const auto held = bookings(workers);
  // The GPU with the most room first; the host last.
  std::ranges::sort(options.begin(), options.end() - 1, std::ranges::greater(),
                    [&](const PlaceOption& option) { return orchestra::free_on(option.device, devices, held); });
  return orchestra::place(devices, held, options);
}

Bytes MemoryLedger::room(const Workforce& workers) {
  std::vector<PlaceDevice> devices;
  for (const auto& device : look()) devices.push_back(device.place);
  const auto held = bookings(workers);
  Bytes most;
  for (std::size_t i = 0; i < devices.size(); ++i) most = std::max(most, orchestra::free_on(i, devices, held));
  return most;
}

std::vector<DeviceView> MemoryLedger::devices(const Workforce& workers) {
  std::vector<DeviceView> views;
  for (const auto& device : look()) {
    views.push_back({device.place.name, device.detail, device.place.budget, Bytes(0), device.place.driver_free});
  }
  for (const auto& [id, worker] : workers) {
    if (holds_memory(worker->state) && worker->device < views.size()) views[worker->device].booked += worker->booked;
  }
  return views;
}

Bytes MemoryLedger::free_on(std::size_t device) {
  const auto devices = look();
  return device < devices.size() ? devices[device].place.driver_free : Bytes(0);
}

std::string MemoryLedger::name(std::size_t device) const {
  const auto index = gpu(device);
  return index ? fmt::format("gpu{}", *index) : "cpu";
}

std::optional<int> MemoryLedger::gpu(std::size_t device) const noexcept {
  return device == 0 ? std::nullopt : std::optional(static_cast<int>(device) - 1);
}

}  // namespace orchestra
