// How much memory there is: the machine's, as far as this process may use it, and each GPU's.
#pragma once

#include <string>
#include <vector>

#include "base/units.h"

namespace orchestra {

struct HostMemory {
  Bytes total;                  // of the machine or of the cgroup limit, whichever is smaller
  Bytes available;              // what can be taken without swapping
  Bytes swap_total, swap_free;  // of the machine
};

class MemoryProbe {
 public:
  virtual ~MemoryProbe() = default;
  virtual HostMemory host() = 0;
  // The memory of a process that `available` already misses (not backed by a file); 0 when it is gone.
  virtual Bytes unbacked(int pid) = 0;
};

}  // namespace orchestra
