#include "net/deadlines.h"

#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace orchestra::net {
namespace {

class Recorded final : public Deadline {
 public:
  explicit Recorded(std::shared_ptr<Deadlines> on, std::function<void()> then = {})
      : Deadline(std::move(on)), then_(std::move(then)) {}
  int count = 0;
  TimePoint at;

 private:
  void on_deadline() override {
    ++count;
    at = wheel()->now();
    if (then_) then_();
  }
  std::function<void()> then_;
};

class DeadlinesTest : public testing::Test {
 protected:
  boost::asio::io_context loop;
  SystemClock clock;
  std::shared_ptr<Deadlines> wheel = std::make_shared<Deadlines>(loop, clock);
  // The wheel sleeps when nothing is due, so the loop runs out of work by itself.
  void run() { loop.run_for(Seconds(5)); }
};

TEST_F(DeadlinesTest, FireOnceAndNeverEarly) {
  const TimePoint start = clock.now();
  Recorded late(wheel), early(wheel);
  late.set(start + Millis(60));
  early.set(start + Millis(25));
  run();
  EXPECT_EQ(early.count, 1);
  EXPECT_EQ(late.count, 1);
  EXPECT_GE(early.at, start + Millis(25));
  EXPECT_GE(late.at, start + Millis(60));
  EXPECT_LT(early.at, late.at);
}

TEST_F(DeadlinesTest, MovedLaterFiresLater) {
  const TimePoint start = clock.now();
  Recorded deadline(wheel);
  deadline.set(start + Millis(10));
  deadline.set(start + Millis(70));
  run();
  EXPECT_EQ(deadline.count, 1);
  EXPECT_GE(deadline.at, start + Millis(70));
}

TEST_F(DeadlinesTest, MovedEarlierFiresEarlier) {
  const TimePoint start = clock.now();
  Recorded deadline(wheel);
  deadline.set(start + Seconds(60));
  deadline.set(start + Millis(20));
  run();
  EXPECT_EQ(deadline.count, 1);
  EXPECT_LT(clock.now() - start, Seconds(5));
}

TEST_F(DeadlinesTest, ClearedAndDestroyedNeverFire) {
  Recorded cleared(wheel);
  cleared.set_in(Millis(10));
  cleared.clear();
  std::optional<Recorded> gone(std::in_place, wheel);
  gone->set_in(Millis(10));
  gone.reset();
  run();
  EXPECT_EQ(cleared.count, 0);
}

TEST_F(DeadlinesTest, OneMayDestroyAndSetOthers) {
  std::optional<Recorded> victim(std::in_place, wheel);
  Recorded follower(wheel);
  Recorded first(wheel, [&] {
    victim.reset();
    follower.set_in(Millis(1));
  });
  first.set_in(Millis(10));
  victim->set_in(Millis(10));
  run();
  EXPECT_EQ(first.count, 1);
  EXPECT_EQ(follower.count, 1);
}

}  // namespace
}  // namespace orchestra::net
