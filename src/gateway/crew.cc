#include "gateway/crew.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <exception>
#include <utility>

namespace orchestra {

namespace asio = boost::asio;

namespace {

struct Member {
  explicit Member(Job its) : job(std::move(its)) {}
  Job job;
  asio::cancellation_signal cancel;
  bool done = false;
};

}  // namespace

struct Crew::Field {
  explicit Field(Executor loop) : bell(loop) {}
  std::deque<Member> members;  // by number; addresses stay
  std::size_t running = 0;
  bool news = false;  // a job may end before anybody waits
  Timer bell;         // cancelled when a job has ended
};

Crew::Crew(Executor loop) : loop_(loop), field_(std::make_shared<Field>(loop)) {}

Crew::~Crew() = default;

asio::awaitable<void, Executor> Crew::run(std::shared_ptr<Field> field, std::size_t job) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await field->members[job].job();
  field->members[job].done = true;
  --field->running;
  field->news = true;
  field->bell.cancel();
}

std::size_t Crew::start(Job job) {
  const std::size_t number = field_->members.size();
  Member& mine = field_->members.emplace_back(std::move(job));
  ++field_->running;
  // Asio touches the slot until its handler has run, so that the handler keeps the field.
  asio::co_spawn(loop_, run(field_, number),
                 asio::bind_cancellation_slot(mine.cancel.slot(), [field = field_](const std::exception_ptr&) {}));
  return number;
}

std::size_t Crew::size() const noexcept {
  return field_->members.size();
}

bool Crew::runs(std::size_t job) const noexcept {
  return !field_->members[job].done;
}

std::size_t Crew::running() const noexcept {
  return field_->running;
}

asio::awaitable<void, Executor> Crew::wait(std::optional<TimePoint> until, const Clock& clock) {
  if (!field_->news) {
    field_->bell.expires_at(TimePoint::max());
    if (until) field_->bell.expires_after(*until - clock.now());
    co_await rung(field_->bell);
  }
  field_->news = false;
}

void Crew::cancel() {
  for (Member& member : field_->members) {
    if (!member.done) member.cancel.emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void, Executor> Crew::join() {
  while (field_->running > 0) {
    field_->bell.expires_at(TimePoint::max());
    co_await rung(field_->bell);
  }
}

}  // namespace orchestra
