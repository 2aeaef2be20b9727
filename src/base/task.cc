#include "base/task.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace orchestra {

namespace asio = boost::asio;

asio::awaitable<bool, Executor> cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

asio::awaitable<Executor, Executor> this_loop() {
  co_return co_await asio::this_coro::executor;
}

asio::awaitable<void, Executor> rung(Timer& timer) {
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
}

Task<void> sleep_until(TimePoint when) {
  Timer timer(co_await asio::this_coro::executor, when);
  auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
  if (error) co_return fail(Fault::kCancelled, "The wait was cancelled.");
  co_return Result<void>();
}

}  // namespace orchestra
