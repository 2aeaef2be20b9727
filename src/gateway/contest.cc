#include "gateway/contest.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace orchestra {

namespace asio = boost::asio;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable_t<Executor>());

struct Entrant {
  asio::cancellation_signal cancel;
  std::size_t candidate = 0;
  bool running = true;
  bool reported = false;
  std::optional<Result<Answer>> result;
};

}  // namespace

struct Contest::Field {
  explicit Field(Executor loop) : bell(loop) {}
  std::deque<Entrant> entrants;  // by attempt number; addresses stay
  Timer bell;                    // cancelled when an attempt has finished
  bool stopped = false;
};

Contest::Contest(Walk& walk) : walk_(walk), field_(std::make_shared<Field>(walk.loop)) {}

Contest::~Contest() = default;

asio::awaitable<void, Executor> Contest::compete(std::shared_ptr<Field> field, std::size_t entrant, Walk& walk,
                                                 Start start) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Entrant& mine = field->entrants[entrant];
  auto result = co_await attempt(walk, start);
  mine.running = false;
  // Too late: a stream that nobody takes must not keep its upstream busy.
  if (!field->stopped) mine.result.emplace(std::move(result));
  field->bell.cancel();
}

void Contest::enter(const Start& start) {
  const std::size_t entrant = field_->entrants.size();
  Entrant& mine = field_->entrants.emplace_back();
  mine.candidate = start.candidate;
  // Asio touches the slot until its handler has run, so that the handler keeps the field.
  asio::co_spawn(walk_.loop, compete(field_, entrant, walk_, start),
                 asio::bind_cancellation_slot(mine.cancel.slot(), [field = field_](const std::exception_ptr&) {}));
}

asio::awaitable<RaceInput, Executor> Contest::report(TimePoint until) {
  for (bool waited = false;; waited = true) {
    for (std::size_t i = 0; i < field_->entrants.size(); ++i) {
      Entrant& entrant = field_->entrants[i];
      if (!entrant.result || entrant.reported) continue;
      entrant.reported = true;
      const int number = static_cast<int>(i);
      if (*entrant.result) co_return Opened{number};
      co_return Failed{number, entrant.result->error()};
    }
    if (waited) co_return Tick{};
    field_->bell.expires_after(until - walk_.clock.now());
    co_await field_->bell.async_wait(kTuple);
  }
}

Answer Contest::take(int attempt) {
  Entrant& entrant = field_->entrants[static_cast<std::size_t>(attempt)];
  Answer answer = std::move(**entrant.result);
  entrant.result.reset();
  return answer;
}

void Contest::book_losers(bool all_but_last) noexcept {
  const std::size_t count = field_->entrants.size() - (all_but_last && !field_->entrants.empty() ? 1 : 0);
  for (std::size_t i = 0; i < count; ++i) {
    const Entrant& entrant = field_->entrants[i];
    const bool answered = entrant.result && *entrant.result;
    if (!entrant.running && !answered) continue;
    walk_.settlement->lost(answered ? (*entrant.result)->stream->tally() : Tally{},
                           walk_.choice->targets[entrant.candidate].price);
  }
}

void Contest::stop() {
  field_->stopped = true;
  for (auto& entrant : field_->entrants) {
    entrant.result.reset();
    if (entrant.running) entrant.cancel.emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void, Executor> Contest::join() {
  const auto runs = [](const Entrant& entrant) { return entrant.running; };
  while (std::ranges::any_of(field_->entrants, runs)) {
    field_->bell.expires_at(TimePoint::max());
    co_await field_->bell.async_wait(kTuple);
  }
}

}  // namespace orchestra
