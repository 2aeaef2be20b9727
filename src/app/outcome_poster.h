// Carries what a loop was told of outcomes to the control loop, in batches.
#pragma once

#include <functional>
#include <vector>

#include "base/task.h"
#include "ports/outcomes.h"

namespace orchestra::app {

struct Told {
  std::vector<OutcomeFact> facts;
  std::vector<QueryOutcome> kept;
  std::vector<QueryEnd> ends;
  std::vector<OutcomeSignal> signals;
  std::size_t size() const noexcept { return facts.size() + kept.size() + ends.size() + signals.size(); }
};

// Loop-bound.
class OutcomePoster final : public Outcomes {
 public:
  struct Options {
    std::size_t batch = 256;  // sent at once when there are so many
    Micros wait{std::chrono::milliseconds(250)};
  };
  using Post = std::function<void(Told)>;  // thread-safe; posts to the control loop

  OutcomePoster(const Executor& loop, Post post) : OutcomePoster(loop, std::move(post), Options()) {}
  OutcomePoster(const Executor& loop, Post post, Options options);
  void note(const OutcomeFact& fact) noexcept override;
  void keep(QueryOutcome outcome) noexcept override;
  void ended(QueryEnd end) noexcept override;
  void amend(const OutcomeSignal& signal) noexcept override;
  void flush();

 private:
  template <class T>
  void add(std::vector<T>& to, T one) noexcept;

  Timer timer_;
  Post post_;
  Options options_;
  Told told_;
};

}  // namespace orchestra::app
