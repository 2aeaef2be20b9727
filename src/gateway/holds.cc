#include "gateway/holds.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace orchestra {

namespace asio = boost::asio;

// What a place and the coroutine that keeps it alive share.
struct Keeping {
  Keeping(Executor loop, Sink& to) : sink(to), pause(loop), finished(loop, TimePoint::max()) {}
  Sink& sink;
  Timer pause;     // between two comments
  Timer finished;  // never expires; cancelled when the coroutine has ended
  asio::cancellation_signal cancel;
  bool stop = false;
  bool running = true;
};

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable_t<Executor>());

asio::awaitable<void, Executor> keep_alive(std::shared_ptr<Keeping> keeping, Micros interval) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!keeping->stop) {
    const auto sent = co_await keeping->sink.keep_alive();
    // A caller who is gone is noticed by whoever watches the connection.
    if (!sent || keeping->stop) break;
    keeping->pause.expires_after(interval);
    co_await keeping->pause.async_wait(kTuple);
  }
  keeping->running = false;
  keeping->finished.cancel();
}

}  // namespace

Holds::Holds(Executor loop, const Clock& clock, Micros hold, Micros interval)
    : loop_(loop),
      clock_(clock),
      hold_(hold),
      interval_(interval),
      timer_(loop),
      self_(std::make_shared<Holds*>(this)) {}

Holds::~Holds() {
  // Requests that a loop leaves behind at its end are destroyed after this.
  for (Place* place : waiting_) place->holds_ = nullptr;
  *self_ = nullptr;
}

void Holds::set(Micros hold, Micros interval) noexcept {
  hold_ = hold;
  interval_ = interval;
}

void Holds::arm() {
  armed_ = !waiting_.empty();
  if (!armed_) return;
  timer_.expires_after(waiting_.front()->due_ - clock_.now());
  timer_.async_wait([self = self_](const boost::system::error_code& error) {
    if (!error && *self != nullptr) (*self)->due();
  });
}

void Holds::due() {
  while (!waiting_.empty() && waiting_.front()->due_ <= clock_.now()) {
    Place& place = *waiting_.front();
    waiting_.pop_front();
    place.holds_ = nullptr;
    place.keeping_ = std::make_shared<Keeping>(loop_, place.sink_);
    // Asio touches the slot until its handler has run, so that the handler keeps what it belongs to.
    const auto& kept = place.keeping_;
    asio::co_spawn(loop_, keep_alive(kept, interval_),
                   asio::bind_cancellation_slot(kept->cancel.slot(), [kept](const std::exception_ptr&) {}));
  }
  arm();
}

Holds::Place::Place(Holds& holds, Sink& sink) : holds_(&holds), sink_(sink), due_(holds.clock_.now() + holds.hold_) {
  where_ = holds.waiting_.insert(holds.waiting_.end(), this);
  if (!holds.armed_) holds.arm();
}

Holds::Place::~Place() {
  if (holds_ != nullptr) holds_->waiting_.erase(where_);
}

asio::awaitable<void, Executor> Holds::Place::release() {
  if (holds_ != nullptr) std::exchange(holds_, nullptr)->waiting_.erase(where_);
  if (keeping_ == nullptr) co_return;
  keeping_->stop = true;
  keeping_->pause.cancel();
  while (keeping_->running) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) keeping_->cancel.emit(asio::cancellation_type::terminal);
    if (keeping_->running) co_await keeping_->finished.async_wait(kTuple);
  }
}

}  // namespace orchestra
