#include "app/resource_monitor.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "ports/fake_probes.h"

namespace orchestra::app {
namespace {

class ResourceMonitorTest : public testing::Test {
 protected:
  ResourceViewPtr after(Micros time) {
    clock_.advance(time);
    return monitor_.tick();
  }

  FakeClock clock_;
  FakeMemoryProbe memory_;
  FakeCpuProbe cpu_;
  ResourceMonitor monitor_{memory_, cpu_, clock_};
};

TEST_F(ResourceMonitorTest, TheShareOfTheCoresTakesTwoReadings) {
  memory_.memory.available = mebibytes(7'500);
  cpu_.now = CpuTimes{.busy = 1000, .all = 4000};
  const auto first = monitor_.tick();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->now.cpu, std::nullopt);
  EXPECT_DOUBLE_EQ(memory_pressure(first->now), 0.25);
  EXPECT_EQ(first->now.swap_used, std::nullopt);
  EXPECT_EQ(after(Seconds(1)), nullptr) << "not yet";
  cpu_.now = CpuTimes{.busy = 1300, .all = 5000};
  memory_.memory.swap_total = mebibytes(100);
  memory_.memory.swap_free = mebibytes(60);
  const auto second = after(Seconds(4));
  ASSERT_TRUE(second);
  EXPECT_DOUBLE_EQ(second->now.cpu.value(), 0.3);
  EXPECT_DOUBLE_EQ(second->now.swap_used.value(), 0.4);
}

TEST_F(ResourceMonitorTest, WhatTheSystemDoesNotSayIsNotKnown) {
  cpu_.now = std::nullopt;
  monitor_.tick();
  EXPECT_EQ(after(Seconds(5))->now.cpu, std::nullopt);
  cpu_.now = CpuTimes{.busy = 10, .all = 10};
  EXPECT_EQ(after(Seconds(5))->now.cpu, std::nullopt);
  EXPECT_EQ(after(Seconds(5))->now.cpu, std::nullopt) << "no time has passed for the system";
}

TEST_F(ResourceMonitorTest, KeepsTheMeansOfOneDaysMinutes) {
  memory_.memory.available = mebibytes(2'000);
  monitor_.tick();
  EXPECT_TRUE(monitor_.tick() == nullptr);
  memory_.memory.available = mebibytes(4'000);
  after(Seconds(30));
  const auto next = after(Seconds(30));
  ASSERT_EQ(next->minutes->size(), 1U);
  EXPECT_EQ(next->minutes->front().available, mebibytes(3'000));
  ResourceViewPtr last;
  for (std::size_t i = 0; i < ResourceMonitor::kMinutes + 10; ++i) last = after(std::chrono::minutes(1));
  ASSERT_EQ(last->minutes->size(), ResourceMonitor::kMinutes);
  EXPECT_LT(last->minutes->front().at, last->minutes->back().at);
}

TEST(Pressure, HasTheWordsOfReadme003) {
  EXPECT_EQ(pressure_word(0.29), "low");
  EXPECT_EQ(pressure_word(0.3), "moderate");
  EXPECT_EQ(pressure_word(0.7), "high");
  EXPECT_EQ(pressure_word(0.9), "critical");
}

}  // namespace
}  // namespace orchestra::app
