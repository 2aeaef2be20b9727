// What every Journal must do. An implementation's test derives a fixture and instantiates the suite:
//
//   struct FileFixture {
//     Journal& journal();
//     void fill();                                   // from now on there is no room for new requests
//     std::size_t settled(); std::size_t opened();   // records kept so far
//   };
#pragma once

#include <gtest/gtest.h>

#include "ports/journal.h"

namespace orchestra {

template <class Fixture>
class JournalContract : public ::testing::Test {
 protected:
  SpendOpened request() {
    SpendOpened opened{.tenant = "acme", .asked = "asked", .model = {"a/x"}};
    opened.id = RequestId::make(WallTime{});
    return opened;
  }
  Fixture fixture_;
};

TYPED_TEST_SUITE_P(JournalContract);

TYPED_TEST_P(JournalContract, TicketsDifferAndEachIsSettledOnItsOwn) {
  auto& journal = this->fixture_.journal();
  const auto first = journal.open(this->request());
  const auto second = journal.open(this->request());
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_NE(first->sequence, second->sequence);
  journal.settle(*second, {});
  EXPECT_EQ(this->fixture_.opened(), 2U);
  EXPECT_EQ(this->fixture_.settled(), 1U);
  journal.settle(*first, {});
  EXPECT_EQ(this->fixture_.settled(), 2U);
}

TYPED_TEST_P(JournalContract, WhenFullItRefusesNewRequestsAndStillSettlesThoseInFlight) {
  auto& journal = this->fixture_.journal();
  const auto running = journal.open(this->request());
  ASSERT_TRUE(running.has_value());
  this->fixture_.fill();
  const auto refused = journal.open(this->request());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().fault, Fault::kUnavailable);
  const auto before = this->fixture_.settled();
  journal.settle(*running, {});
  EXPECT_EQ(this->fixture_.settled(), before + 1);
}

REGISTER_TYPED_TEST_SUITE_P(JournalContract, TicketsDifferAndEachIsSettledOnItsOwn,
                            WhenFullItRefusesNewRequestsAndStillSettlesThoseInFlight);

}  // namespace orchestra
