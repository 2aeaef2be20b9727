// Jobs side by side on one loop.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/task.h"

namespace orchestra {

// What a job came to is its own affair: it keeps it where its owner looks, and its result is not asked for.
using Job = std::function<Task<void>()>;

struct FanOut {
  std::size_t limit = 8;           // jobs that run at once; above 0
  std::optional<TimePoint> until;  // what still runs then is cancelled
  std::function<bool()> enough;    // asked when jobs have finished; true: the others are cancelled
};

// Starts the jobs in their order and returns when none runs any more, so that they may hold references into the
// caller's frame. A job that was not begun before the end never is. kCancelled: the caller was, and so were the jobs.
Task<void> fan_out(std::vector<Job> jobs, const Clock& clock, FanOut options);

}  // namespace orchestra
