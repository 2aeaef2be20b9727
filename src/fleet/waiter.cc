#include "fleet/waiter.h"

#include <boost/asio/post.hpp>

namespace orchestra {

namespace asio = boost::asio;

void Waiter::answer(const WaiterPtr& self, Result<Granted> answer) {
  if (self->gone()) return;
  asio::post(self->box_.loop(), [self, answer = std::move(answer)]() mutable { self->box_.put(std::move(answer)); });
}

void Waiter::report(const WaiterPtr& self, const WorkerView& view) {
  if (self->gone()) return;
  asio::post(self->box_.loop(), [self, view] {
    if (self->box_.open()) self->wish_.progress(view);
  });
}

Task<Granted> Waiter::wait(WaiterPtr self) {
  co_return co_await self->box_.wait("The wait for a local model was cancelled.");
}

}  // namespace orchestra
