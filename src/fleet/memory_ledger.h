// The memory there is and who holds it. Control loop only.
//
// Device 0 is the host's memory; the GPUs follow. A worker's booking is Worker::booked on Worker::device, so that
// the ledger cannot disagree with the workers: this class adds them up, asks the probes, and puts the question to
// policy/place.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "fleet/worker.h"
#include "policy/place.h"
#include "ports/gpu_probe.h"
#include "ports/memory_probe.h"

namespace orchestra {

using Workforce = std::map<std::string, WorkerPtr>;  // by model id

class MemoryLedger {
 public:
  struct Options {
    Bytes host_budget, gpu_budget;  // 0: 80 % of the host's memory, 90 % of each GPU's
    bool use_gpu = false;
  };
  MemoryLedger(MemoryProbe& memory, GpuProbe& gpus, Options options)
      : memory_(memory), gpus_(gpus), options_(options) {}

  PlaceDecision place(const Worker& wanted, const Workforce& workers);
  // What the roomiest device has free now.
  Bytes room(const Workforce& workers);
  std::vector<DeviceView> devices(const Workforce& workers);
  // The device's free memory as the system or the driver says it now.
  Bytes free_on(std::size_t device);
  // "cpu", "gpu0", ...
  std::string name(std::size_t device) const;
  // The GPU's index for the engine; nothing for the host.
  std::optional<int> gpu(std::size_t device) const noexcept;

 private:
  struct Device {
    PlaceDevice place;
    std::string detail;
  };
  std::vector<Device> look();
  std::vector<Booking> bookings(const Workforce& workers);

  MemoryProbe& memory_;
  GpuProbe& gpus_;
  Options options_;
};

}  // namespace orchestra
