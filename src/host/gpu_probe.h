// NVIDIA GPUs through the driver's own library, opened at run time: no GPU and no driver are normal states.
// Declarations after the documented C interface of NVML. https://docs.nvidia.com/deploy/nvml-api/
#pragma once

#include <memory>
#include <string>

#include "ports/gpu_probe.h"

namespace orchestra::host {

class NvmlProbe final : public GpuProbe {
 public:
  explicit NvmlProbe(const std::string& library = "libnvidia-ml.so.1");
  ~NvmlProbe() override;
  std::vector<GpuDevice> devices() override;
  std::string detail() const override { return detail_; }

 private:
  struct Calls;
  bool resolve();

  void* library_ = nullptr;
  std::unique_ptr<Calls> calls_;  // null: no devices
  std::string detail_;
};

}  // namespace orchestra::host
