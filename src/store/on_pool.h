// Blocking work on a pool of threads, as a coroutine awaits it.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"

namespace orchestra {

// Runs `work`, which returns Result<T>, on the pool and resumes on the caller's loop. It cannot be cancelled: the loop
// lives until it is done.
template <class T, class Work>
Task<T> on_pool(boost::asio::thread_pool& pool, Work work) {
  namespace asio = boost::asio;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Result<T>)>(
      [&pool, work = std::move(work)](auto handler) mutable {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        asio::post(pool, [work = std::move(work), handler = std::move(handler), guard = std::move(guard)]() mutable {
          auto answer = Result<T>(work());
          const auto executor = guard.get_executor();
          asio::post(executor, [handler = std::move(handler), answer = std::move(answer)]() mutable {
            std::move(handler)(std::move(answer));
          });
        });
      },
      asio::use_awaitable_t<Executor>());
}

}  // namespace orchestra
