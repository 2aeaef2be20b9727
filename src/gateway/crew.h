// Coroutines side by side on one loop, each with a cancellation of its own. Loop-bound.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/task.h"

namespace orchestra {

// What a job came to is its own affair: it keeps it where its owner looks, and its result is not asked for.
using Job = std::function<Task<void>()>;

// Jobs may hold references into their owner's frame: it must wait for `join` before it goes. Where the loop itself is
// torn down instead, jobs are destroyed where they stand and touch nothing any more.
class Crew {
 public:
  explicit Crew(Executor loop);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Jobs are numbered from 0 in the order of their starts.
  std::size_t start(Job job);
  std::size_t size() const noexcept;
  bool runs(std::size_t job) const noexcept;
  std::size_t running() const noexcept;
  // Returns when a job has ended that no earlier wait told of, at `until`, or when the caller was cancelled.
  boost::asio::awaitable<void, Executor> wait(std::optional<TimePoint> until, const Clock& clock);
  // Cancels every job that runs.
  void cancel();
  // Returns when no job runs any more; also when the caller has been cancelled.
  boost::asio::awaitable<void, Executor> join();

 private:
  struct Field;
  static boost::asio::awaitable<void, Executor> run(std::shared_ptr<Field> field, std::size_t job);

  Executor loop_;
  std::shared_ptr<Field> field_;  // shared: with the jobs' coroutines
};

inline std::unexpected<Error> caller_left() {
  return fail(Fault::kCancelled, "The caller left before the answer came.");
}

}  // namespace orchestra
