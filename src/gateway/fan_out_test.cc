#include "gateway/fan_out.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace orchestra {
namespace {

namespace asio = boost::asio;

// A wait so long that a test which waits for it hangs, and fails.
constexpr Seconds kFar{60};

class FanOutTest : public testing::Test {
 protected:
  // A job that takes so long.
  Job waits(Micros time) {
    return [this, time, job = jobs_++] { return wait(job, time); };
  }
  Task<void> wait(int job, Micros time) {
    begun.push_back(job);
    most_running = std::max(most_running, ++running);
    if (on_begin) on_begin();
    const auto waited = co_await sleep_until(clock_.now() + time);
    --running;
    (waited ? finished : cut).push_back(job);
    co_return waited;
  }

  Result<void> run(std::vector<Job> jobs, FanOut options) {
    std::optional<Result<void>> result;
    asio::co_spawn(context_, fan_out(std::move(jobs), clock_, std::move(options)),
                   asio::bind_cancellation_slot(leave_.slot(), [&](std::exception_ptr thrown, Result<void> ran) {
                     EXPECT_FALSE(thrown);
                     EXPECT_EQ(running, 0) << "a job outlived fan_out";
                     result = std::move(ran);
                   }));
    context_.restart();
    const TimePoint limit = clock_.now() + kFar / 2;
    while (!result && clock_.now() < limit) context_.run_one_until(limit);
    EXPECT_TRUE(result.has_value()) << "fan_out did not return";
    return result.value_or(Result<void>());
  }

  asio::io_context context_{1};
  SystemClock clock_;
  asio::cancellation_signal leave_;
  int jobs_ = 0;
  int running = 0, most_running = 0;
  std::vector<int> begun, finished, cut;
  std::function<void()> on_begin;
};

TEST_F(FanOutTest, RunsAllAndNoMoreThanTheLimitAtOnce) {
  std::vector<Job> jobs;
  for (int i = 0; i < 7; ++i) jobs.push_back(waits(Millis(2)));
  EXPECT_TRUE(run(std::move(jobs), {.limit = 3}));
  EXPECT_EQ(finished.size(), 7U);
  EXPECT_EQ(most_running, 3);
  EXPECT_EQ(begun, (std::vector{0, 1, 2, 3, 4, 5, 6}));
}

TEST_F(FanOutTest, JobsThatFinishAtOnceAreNotWaitedForInVain) {
  std::vector<Job> jobs;
  int ran = 0;
  for (int i = 0; i < 100; ++i) {
    jobs.emplace_back([&ran]() -> Task<void> {
      ++ran;
      return [](int) -> Task<void> { co_return Result<void>(); }(0);
    });
  }
  EXPECT_TRUE(run(std::move(jobs), {.limit = 2}));
  EXPECT_EQ(ran, 100);
  EXPECT_TRUE(run({}, {}));
}

TEST_F(FanOutTest, CancelsWhatStillRunsAtTheEndOfTheTime) {
  EXPECT_TRUE(run({waits(Millis(1)), waits(kFar), waits(kFar)}, {.limit = 2, .until = clock_.now() + Millis(30)}));
  EXPECT_EQ(finished, std::vector{0});
  EXPECT_EQ(cut.size(), 2U);
}

TEST_F(FanOutTest, EndsWhenItIsEnoughAndBeginsNothingMore) {
  EXPECT_TRUE(run({waits(Millis(1)), waits(kFar), waits(kFar)},
                  {.limit = 2, .until = {}, .enough = [this] { return !finished.empty(); }}));
  EXPECT_EQ(finished, std::vector{0});
  EXPECT_EQ(cut, std::vector{1});
  EXPECT_EQ(begun, (std::vector{0, 1}));
}

TEST_F(FanOutTest, ACallerWhoLeavesTakesAllJobsAlong) {
  on_begin = [this] { asio::post(context_, [this] { leave_.emit(asio::cancellation_type::terminal); }); };
  const auto left = run({waits(kFar), waits(kFar)}, {});
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().fault, Fault::kCancelled);
  EXPECT_EQ(cut.size(), 2U);
}

}  // namespace
}  // namespace orchestra
