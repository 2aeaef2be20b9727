// Task<T>: a coroutine on a loop that yields Result<T>. A Task runs only while it is awaited.
//
// Cancellation has one form. The owner of a coroutine (net's connection, a test) spawns it with a cancellation slot and
// emits `terminal`; the pending operation then completes with operation_aborted, which adapters turn into
// Error{kCancelled}, and unwinding destroys streams and leases. A loop that would try again must ask `cancelled()`
// first.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/result.h"

namespace orchestra {

using Executor = boost::asio::io_context::executor_type;

template <class T>
using Task = boost::asio::awaitable<Result<T>, Executor>;

// A timer on a loop. Cancelling or destroying it completes the wait with an error.
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// True once the coroutine's owner has cancelled it.
boost::asio::awaitable<bool, Executor> cancelled();
// The executor of the loop that runs this coroutine.
boost::asio::awaitable<Executor, Executor> this_loop();
// Returns when the timer was cancelled, has expired, or the coroutine was cancelled.
boost::asio::awaitable<void, Executor> rung(Timer& timer);
// Returns at `when`, or kCancelled.
Task<void> sleep_until(TimePoint when);

}  // namespace orchestra
