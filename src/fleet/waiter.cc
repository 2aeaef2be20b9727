#include "fleet/waiter.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace orchestra {

namespace asio = boost::asio;

void Waiter::answer(const WaiterPtr& self, Result<Granted> answer) {
  if (self->gone()) return;
  asio::post(self->loop_, [self, answer = std::move(answer)]() mutable {
    if (self->bell_ == nullptr) return;
    self->letter_.emplace(std::move(answer));
    self->bell_->cancel();
  });
}

void Waiter::report(const WaiterPtr& self, const WorkerView& view) {
  if (self->gone()) return;
  asio::post(self->loop_, [self, view] {
    if (self->bell_ != nullptr) self->wish_.progress(view);
  });
}

Task<Granted> Waiter::wait(WaiterPtr self) {
  Timer bell(self->loop_, std::chrono::steady_clock::now() + std::chrono::hours(24 * 365));
  struct Listening {
    Waiter& waiter;
    ~Listening() {
      waiter.bell_ = nullptr;
      waiter.gone_.store(true, std::memory_order_release);
    }
  } const listening{*self};
  self->bell_ = &bell;
  co_await bell.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
  if (!self->letter_) co_return fail(Fault::kCancelled, "The wait for a local model was cancelled.");
  co_return std::move(*self->letter_);
}

}  // namespace orchestra
