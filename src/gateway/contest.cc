#include "gateway/contest.h"

namespace orchestra {

Task<void> Contest::compete(Entrant& mine, Start start) {
  auto result = co_await attempt(walk_, start);
  // Too late: a stream that nobody takes must not keep its upstream busy.
  if (!stopped_) mine.result.emplace(std::move(result));
  co_return Result<void>();
}

void Contest::enter(const Start& start) {
  Entrant& mine = entrants_.emplace_back(Entrant{.candidate = start.candidate, .result = {}});
  crew_.start([this, &mine, start] { return compete(mine, start); });
}

boost::asio::awaitable<RaceInput, Executor> Contest::report(TimePoint until) {
  for (bool waited = false;; waited = true) {
    for (std::size_t i = 0; i < entrants_.size(); ++i) {
      Entrant& entrant = entrants_[i];
      if (!entrant.result || entrant.reported) continue;
      entrant.reported = true;
      const int number = static_cast<int>(i);
      if (*entrant.result) co_return Opened{number};
      co_return Failed{number, entrant.result->error()};
    }
    if (waited) co_return Tick{};
    co_await crew_.wait(until, walk_.clock);
  }
}

Answer Contest::take(int attempt) {
  Entrant& entrant = entrants_[static_cast<std::size_t>(attempt)];
  Answer answer = std::move(**entrant.result);
  entrant.result.reset();
  return answer;
}

void Contest::book_losers(bool all_but_last) noexcept {
  const std::size_t count = entrants_.size() - (all_but_last && !entrants_.empty() ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const Entrant& entrant = entrants_[i];
    const bool answered = entrant.result && *entrant.result;
    if (!crew_.runs(i) && !answered) continue;
    walk_.settlement->lost(answered ? (*entrant.result)->stream->tally() : Tally{},
                           walk_.choice->targets[entrant.candidate].price);
  }
}

void Contest::stop() {
  stopped_ = true;
  for (Entrant& entrant : entrants_) entrant.result.reset();
  crew_.cancel();
}

}  // namespace orchestra
