// The attempts of a hedged request, each in a coroutine of its own beside the others. Loop-bound; used only when a plan
// hedges. The walk outlives it; `join` must have returned before the walk ends.
#pragma once

#include <deque>
#include <optional>

#include "gateway/crew.h"
#include "gateway/walk.h"

namespace orchestra {

class Contest {
 public:
  explicit Contest(Walk& walk) : walk_(walk), crew_(walk.loop) {}

  void enter(const Start& start);
  // What the next attempt to finish came to, or Tick at `until`, or at once when the caller was cancelled.
  boost::asio::awaitable<RaceInput, Executor> report(TimePoint until);
  // The answer of an attempt that was reported Opened.
  Answer take(int attempt);
  // Books what the attempts used that have not ended or were not taken, but for the last where the settlement prices
  // that one itself. Before `stop`.
  void book_losers(bool all_but_last) noexcept;
  // Cancels every running attempt and destroys every answer that was not taken.
  void stop();
  // Returns when no attempt runs any more; also when the caller has been cancelled.
  boost::asio::awaitable<void, Executor> join() { return crew_.join(); }

 private:
  struct Entrant {
    std::size_t candidate = 0;
    bool reported = false;
    std::optional<Result<Answer>> result;
  };
  Task<void> compete(Entrant& mine, Start start);

  Walk& walk_;
  std::deque<Entrant> entrants_;  // by attempt number; addresses stay
  bool stopped_ = false;
  Crew crew_;
};

}  // namespace orchestra
