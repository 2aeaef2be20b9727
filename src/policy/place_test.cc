#include "policy/place.h"

namespace orchestra {
namespace {

Bytes gb(std::int64_t n) {
  return mebibytes(n * 1024);
}

TimePoint at(int seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

Booking idle(const char* name, std::int64_t size, int last_used) {
  return {.model = ModelId{name}, .booked = gb(size), .last_used = at(last_used)};
}

class PlaceTest : public testing::Test {
 protected:
  PlaceDecision decide(std::int64_t need) {
    const PlaceOption option{0, gb(need)};
    return place(devices_, bookings_, {&option, 1});
  }
  std::vector<std::string> victims(std::int64_t need) {
    const auto decision = decide(need);
    std::vector<std::string> names;
    if (const auto* placement = std::get_if<Placement>(&decision)) {
      for (const auto& model : placement->victims) names.push_back(model.text);
    } else {
      names.push_back("none");
    }
    return names;
  }

  std::vector<PlaceDevice> devices_ = {{.name = "cpu", .budget = gb(10), .driver_free = gb(10)}};
  std::vector<Booking> bookings_;
};

TEST_F(PlaceTest, FitsIntoAnEmptyDevice) {
  EXPECT_TRUE(victims(10).empty());
  ASSERT_TRUE(std::holds_alternative<NoRoom>(decide(11)));
  EXPECT_EQ(std::get<NoRoom>(decide(11)).need, gb(11));
  EXPECT_EQ(std::get<NoRoom>(decide(11)).free, gb(10));
}

TEST_F(PlaceTest, FreeIsTheSmallerOfLedgerAndDriver) {
  devices_[0].driver_free = gb(6);
  EXPECT_EQ(free_on(0, devices_, bookings_), gb(6));
  auto loading = idle("loading", 4, 1);
  loading.unseen = gb(4);
  bookings_.push_back(loading);
  EXPECT_EQ(free_on(0, devices_, bookings_), gb(2));
  devices_[0].driver_free = gb(100);
  EXPECT_EQ(free_on(0, devices_, bookings_), gb(6));
  devices_[0].driver_free = gb(1);
  EXPECT_EQ(free_on(0, devices_, bookings_), Bytes(0));
}

TEST_F(PlaceTest, EvictsTheLeastRecentlyUsedAndNoMoreThanNeeded) {
  devices_[0].driver_free = gb(1);
  bookings_ = {idle("new", 3, 30), idle("old", 3, 10), idle("middle", 3, 20)};
  EXPECT_EQ(victims(1), std::vector<std::string>{});
  EXPECT_EQ(victims(4), std::vector<std::string>{"old"});
  EXPECT_EQ(victims(5), (std::vector<std::string>{"old", "middle"}));
  EXPECT_EQ(victims(10), (std::vector<std::string>{"old", "middle", "new"}));
}

TEST_F(PlaceTest, SparesASmallVictimThatABigOneMakesNeedless) {
  devices_[0].driver_free = gb(0);
  bookings_ = {idle("small", 1, 10), idle("big", 9, 20)};
  EXPECT_EQ(victims(9), std::vector<std::string>{"big"});
}

TEST_F(PlaceTest, EvictsNobodyIfEverybodyWouldNotDo) {
  devices_[0].driver_free = gb(1);
  auto pinned = idle("pinned", 5, 1);
  pinned.pinned = true;
  bookings_ = {pinned, idle("a", 2, 1), idle("b", 2, 2)};
  ASSERT_TRUE(std::holds_alternative<NoRoom>(decide(6)));
  EXPECT_EQ(std::get<NoRoom>(decide(6)).free, gb(1));
  EXPECT_EQ(victims(5), (std::vector<std::string>{"a", "b"}));
}

TEST_F(PlaceTest, WaitsForBusyOnesAndNeverEvictsThem) {
  devices_[0].driver_free = gb(1);
  auto busy = idle("busy", 5, 1);
  busy.busy = true;
  bookings_ = {busy, idle("a", 4, 5)};
  EXPECT_EQ(victims(5), std::vector<std::string>{"a"});
  EXPECT_TRUE(std::holds_alternative<AwaitRoom>(decide(6)));
  EXPECT_TRUE(std::holds_alternative<NoRoom>(decide(11)));
}

TEST_F(PlaceTest, WhatIsLeavingCountsBeforeAnybodyElseIsEvicted) {
  devices_[0].driver_free = gb(0);
  auto leaving = idle("leaving", 5, 1);
  leaving.leaving = true;
  bookings_ = {leaving, idle("a", 5, 5)};
  EXPECT_TRUE(std::holds_alternative<AwaitRoom>(decide(5)));
  EXPECT_EQ(victims(6), std::vector<std::string>{"a"});
}

TEST_F(PlaceTest, PrefersTheFirstDeviceThenTheOneWithoutEvictions) {
  devices_ = {{.name = "cpu", .budget = gb(64), .driver_free = gb(64)},
              {.name = "gpu0", .budget = gb(24), .driver_free = gb(24)}};
  const std::vector<PlaceOption> options = {{1, gb(20)}, {0, gb(21)}};
  EXPECT_EQ(std::get<Placement>(place(devices_, bookings_, options)).device, 1U);
  auto resident = idle("resident", 10, 1);
  resident.device = 1;
  bookings_ = {resident};
  devices_[1].driver_free = gb(14);
  EXPECT_EQ(std::get<Placement>(place(devices_, bookings_, options)).device, 0U);
}

}  // namespace
}  // namespace orchestra
