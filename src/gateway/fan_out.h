// Jobs side by side on one loop, as many at once as there is room for.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "gateway/crew.h"

namespace orchestra {

struct FanOut {
  std::size_t limit = 8;           // jobs that run at once; above 0
  std::optional<TimePoint> until;  // what still runs then is cancelled
  std::function<bool()> enough;    // asked when jobs have finished; true: the others are cancelled
};

// Starts the jobs in their order and returns when none runs any more, so that they may hold references into the
// caller's frame. A job that was not begun before the end never is. kCancelled: the caller was, and so were the jobs.
Task<void> fan_out(std::vector<Job> jobs, const Clock& clock, FanOut options);

}  // namespace orchestra
