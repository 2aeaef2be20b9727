#include "fleet/gate.h"

#include <thread>

#include "base/fake_clock.h"

namespace orchestra {
namespace {

TEST(Gate, CountsExactlyUnderContention) {
  FakeClock clock;
  std::atomic<int> freed{0};
  Gate gate(ModelId{"local/x"}, {}, clock, [&](const ModelId&) { ++freed; });
  gate.renew(3);
  gate.set(true, true);
  std::atomic<int> inside{0}, most{0}, entered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        const auto generation = gate.enter();
        if (!generation) continue;
        const int now = ++inside;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        ++entered;
        --inside;
        gate.leave(*generation);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(gate.in_flight(), 0);
  EXPECT_LE(most.load(), 3);
  EXPECT_GT(entered.load(), 0);
  EXPECT_EQ(freed.load(), entered.load());
}

TEST(Gate, AnOldGenerationChangesNothing) {
  FakeClock clock;
  Gate gate(ModelId{"local/x"}, {}, clock, [](const ModelId&) {});
  gate.renew(1);
  EXPECT_FALSE(gate.enter()) << "renewed gates are closed";
  gate.set(true, false);
  const auto old = gate.enter();
  gate.renew(1);
  gate.set(true, false);
  const auto fresh = gate.enter();
  ASSERT_TRUE(old && fresh);
  gate.leave(*old);
  EXPECT_EQ(gate.in_flight(), 1);
  gate.leave(*fresh);
  EXPECT_EQ(gate.in_flight(), 0);
}

}  // namespace
}  // namespace orchestra
