#include "gateway/fan_out.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <exception>
#include <memory>

namespace orchestra {

namespace asio = boost::asio;

namespace {

struct Running {
  asio::cancellation_signal cancel;
  bool done = false;
};

// Shared by the coroutines of all jobs and the one that waits for them.
struct Field {
  Field(Executor loop, std::vector<Job> all) : jobs(std::move(all)), bell(loop) {}
  std::vector<Job> jobs;
  std::deque<Running> started;  // by index into `jobs`; addresses stay
  std::size_t running = 0;
  bool finished_one = false;  // since it was last looked at; a job may finish before anybody waits
  Timer bell;                 // cancelled when a job has finished
};

asio::awaitable<void, Executor> run(std::shared_ptr<Field> field, std::size_t job) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await field->jobs[job]();
  field->started[job].done = true;
  field->finished_one = true;
  --field->running;
  field->bell.cancel();
}

void start_next(const std::shared_ptr<Field>& field, Executor loop) {
  const std::size_t job = field->started.size();
  Running& mine = field->started.emplace_back();
  ++field->running;
  // Asio touches the slot until its handler has run, so that the handler keeps the field.
  asio::co_spawn(loop, run(field, job),
                 asio::bind_cancellation_slot(mine.cancel.slot(), [field](const std::exception_ptr&) {}));
}

void cancel_all(Field& field) {
  for (Running& one : field.started) {
    if (!one.done) one.cancel.emit(asio::cancellation_type::terminal);
  }
}

}  // namespace

Task<void> fan_out(std::vector<Job> jobs, const Clock& clock, FanOut options) {
  // Cancellation comes as an end of the wait: the jobs must have returned before their owner's frame goes.
  co_await asio::this_coro::throw_if_cancelled(false);
  const Executor loop = co_await this_loop();
  auto field = std::make_shared<Field>(loop, std::move(jobs));  // shared: see Field
  bool stopped = false;
  for (;;) {
    while (!stopped && field->running < options.limit && field->started.size() < field->jobs.size()) {
      start_next(field, loop);
    }
    if (field->running == 0 && (stopped || field->started.size() == field->jobs.size())) break;
    if (!field->finished_one) {
      field->bell.expires_at(TimePoint::max());
      if (!stopped && options.until) field->bell.expires_after(*options.until - clock.now());
      co_await rung(field->bell);
    }
    const bool asks = std::exchange(field->finished_one, false) && options.enough;
    if (stopped) continue;
    stopped = co_await cancelled() || (options.until && clock.now() >= *options.until) || (asks && options.enough());
    if (stopped) cancel_all(*field);
  }
  if (co_await cancelled()) co_return fail(Fault::kCancelled, "The caller left.");
  co_return Result<void>();
}

}  // namespace orchestra
