#include "ledger/settlement.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"
#include "ports/fake_journal.h"

namespace orchestra {
namespace {

// A stream that only counts.
class CountedStream final : public Stream {
 public:
  const Head& head() const noexcept override { return head_; }
  Task<Chunk> next() override { co_return Chunk{.marks = kEnd}; }
  Tally tally() const noexcept override { return counted; }
  Tally counted;

 private:
  Head head_;
};

class SettlementTest : public testing::Test {
 protected:
  Settlement open() {
    auto settlement = Settlement::open(journal_, clock_, SpendOpened{.asked = "auto", .model = ModelId{"a/m"}},
                                       Tokens(100), clock_.now());
    EXPECT_TRUE(settlement.has_value());
    return std::move(*settlement);
  }
  const SpendSettled& settled() {
    EXPECT_EQ(journal_.settled.size(), 1U);
    return journal_.settled.begin()->second;
  }
  static Price price() {
    Price price;
    price.input = MicroUsd(1'000'000);
    price.output = MicroUsd(2'000'000);
    return price;
  }

  FakeClock clock_;
  FakeJournal journal_;
  CountedStream stream_;
};

TEST_F(SettlementTest, BooksOnceWithTheTallyAndTheCost) {
  {
    Settlement settlement = open();
    settlement.asking(ModelId{"b/m"}, price());
    settlement.watch(&stream_);
    clock_.advance(Millis(30));
    settlement.first_content();
    stream_.counted.usage = {.input = Tokens(7), .output = Tokens(5), .known = true};
    clock_.advance(Millis(70));
    settlement.book(Outcome::kAnswered, 200);
    settlement.book(Outcome::kFailed, 500);
    EXPECT_TRUE(settlement.booked());
  }
  EXPECT_EQ(settled().outcome, Outcome::kAnswered);
  EXPECT_EQ(settled().status, 200);
  EXPECT_EQ(settled().model.text, "b/m");
  EXPECT_EQ(settled().cost, MicroUsd(17));
  EXPECT_TRUE(settled().usage.known);
  EXPECT_EQ(settled().first_content, Millis(30));
  EXPECT_EQ(settled().latency, Millis(100));
}

TEST_F(SettlementTest, ItsDestructorBooksAbandoned) {
  {
    Settlement settlement = open();
    settlement.asking(ModelId{"a/m"}, price());
    settlement.watch(&stream_);
    settlement.record().attempts.push_back({.candidate = 0});
    stream_.counted.content_events = Tokens(4);
  }
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(settled().status, 499);
  EXPECT_FALSE(settled().usage.known);
  EXPECT_EQ(settled().cost, MicroUsd(108));  // 100 tokens in as estimated, 4 out as counted
  EXPECT_EQ(settled().attempts[0].outcome, "cancelled");
}

TEST_F(SettlementTest, AMovedOneBooksNothing) {
  {
    Settlement first = open();
    Settlement second = std::move(first);
    EXPECT_TRUE(first.booked());  // NOLINT(bugprone-use-after-move): what a moved-from one promises
    second.book(Outcome::kAnswered, 200);
  }
  EXPECT_EQ(settled().outcome, Outcome::kAnswered);
}

TEST_F(SettlementTest, AFailureWithoutAStreamCostsNothing) {
  Settlement settlement = open();
  settlement.asking(ModelId{"a/m"}, price());
  settlement.book(Outcome::kFailed, 502);
  EXPECT_EQ(settled().cost, MicroUsd(0));
  EXPECT_TRUE(settled().cost_known);
  EXPECT_EQ(settled().usage.input, Tokens(0));
}

TEST_F(SettlementTest, AnUnknownPriceIsUnknownAndNotNothing) {
  Settlement settlement = open();
  settlement.asking(ModelId{"a/m"}, Price{});
  settlement.watch(&stream_);
  stream_.counted.usage = {.input = Tokens(7), .output = Tokens(5), .known = true};
  settlement.book(Outcome::kAnswered, 200);
  EXPECT_FALSE(settled().cost_known);
}

TEST_F(SettlementTest, AFullJournalIsAnError) {
  journal_.full = true;
  const auto settlement = Settlement::open(journal_, clock_, SpendOpened{}, Tokens(1), clock_.now());
  ASSERT_FALSE(settlement.has_value());
  EXPECT_EQ(settlement.error().fault, Fault::kUnavailable);
}

}  // namespace
}  // namespace orchestra
