// The GPUs of this machine. None is a normal state.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace orchestra {

struct GpuDevice {
  int index = 0;  // as the driver counts
  std::string name;
  Bytes total, free;
};

class GpuProbe {
 public:
  virtual ~GpuProbe() = default;
  // Fresh numbers; cheap enough to call before every load.
  virtual std::vector<GpuDevice> devices() = 0;
  // Why there are none, or the driver's version: a sentence for doctor.
  virtual std::string detail() const = 0;
};

}  // namespace orchestra
