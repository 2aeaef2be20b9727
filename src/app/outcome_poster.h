// Carries a loop's outcome facts to the control loop, in batches.
#pragma once

#include <functional>
#include <vector>

#include "base/task.h"
#include "ports/outcomes.h"

namespace orchestra::app {

// Loop-bound.
class OutcomePoster final : public Outcomes {
 public:
  struct Options {
    std::size_t batch = 256;  // sent at once when there are so many
    Micros wait{std::chrono::milliseconds(250)};
  };
  using Post = std::function<void(std::vector<OutcomeFact>)>;  // thread-safe; posts to the control loop

  OutcomePoster(const Executor& loop, Post post) : OutcomePoster(loop, std::move(post), Options()) {}
  OutcomePoster(const Executor& loop, Post post, Options options);
  void note(const OutcomeFact& fact) noexcept override;
  void flush();

 private:
  Timer timer_;
  Post post_;
  Options options_;
  std::vector<OutcomeFact> facts_;
};

}  // namespace orchestra::app
