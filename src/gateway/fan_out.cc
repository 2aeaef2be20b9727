#include "gateway/fan_out.h"

#include <boost/asio/this_coro.hpp>
#include <utility>

namespace orchestra {

Task<void> fan_out(std::vector<Job> jobs, const Clock& clock, FanOut options) {
  // Cancellation comes as an end of the wait: the jobs must have returned before their owner's frame goes.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  Crew crew(co_await this_loop());
  for (std::size_t ended = 0;;) {
    while (crew.running() < options.limit && crew.size() < jobs.size()) crew.start(std::move(jobs[crew.size()]));
    if (crew.running() == 0) break;
    co_await crew.wait(options.until, clock);
    const std::size_t before = std::exchange(ended, crew.size() - crew.running());
    const bool more = ended > before;
    const bool over = options.until && clock.now() >= *options.until;
    if (over || co_await cancelled() || (more && options.enough && options.enough())) break;
  }
  crew.cancel();
  co_await crew.join();
  if (co_await cancelled()) co_return caller_left();
  co_return Result<void>();
}

}  // namespace orchestra
