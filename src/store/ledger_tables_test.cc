#include "store/ledger_tables.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/test_records.h"

namespace orchestra {
namespace {

using testing::answered;
using testing::opened_at;
using testing::TemporaryFolder;

// A batch is booked in groups; what a replay offers a second time must not count twice, wherever in a group it stands.
class LedgerTablesTest : public ::testing::Test {
 protected:
  LedgerTablesTest() : tables_(std::move(*LedgerTables::open(folder_.path() + "/ledger.db"))) {
    EXPECT_TRUE(tables_->load(join_));
    boot_ = join_.boots().number("boot");
  }

  // Puts the request into the batch, as the journal's records would.
  void offer(std::uint64_t sequence) {
    std::array<char, kOpenedRoom> opened;
    const SegmentHead head{.boot = 7, .loop = static_cast<std::uint32_t>(sequence % 2), .number = 0};
    auto request = opened_at(WallTime(Micros(static_cast<std::int64_t>(sequence) * 1000)));
    request.id = id_of(sequence);
    take(head, {opened.data(), encode_opened(opened, head.salt(), sequence, request)});
    std::array<char, kSettledRoom> settled;
    take(head, {settled.data(), encode_settled(settled, head.salt(), sequence, 0, answered())});
  }
  std::int64_t book() {
    const auto booked = tables_->book(join_);
    EXPECT_TRUE(booked.has_value());
    join_.booked();
    return booked.value_or(-1);
  }
  std::int64_t ask(const std::string& sql) {
    auto database = Database::open(folder_.path() + "/ledger.db", Database::Access::kReadOnly);
    auto statement = database->prepare(sql);
    EXPECT_TRUE(statement->step());
    return statement->integer(0);
  }
  void expect_requests(std::int64_t count) {
    EXPECT_EQ(ask("SELECT count(*) FROM requests"), count);
    EXPECT_EQ(ask("SELECT count(DISTINCT id) FROM requests"), count);
    EXPECT_EQ(ask("SELECT sum(requests) FROM usage_hours"), count);
    EXPECT_EQ(ask("SELECT sum(cost) FROM usage_hours"), count * answered().cost.count);
  }

 private:
  // Ids whose order is not that of the batch.
  static RequestId id_of(std::uint64_t sequence) {
    return *RequestId::parse(fmt::format("req_{:026d}", sequence * 7919 % 100'003));
  }
  void take(const SegmentHead& head, std::string_view bytes) {
    RecordReader reader(bytes, head.salt());
    join_.take(boot_, head, *reader.next());
  }

  TemporaryFolder folder_;
  std::unique_ptr<LedgerTables> tables_;
  SpendJoin join_;
  std::int64_t boot_ = 0;
};

TEST_F(LedgerTablesTest, BooksEveryRowOnceWhateverTheBatchesSize) {
  std::int64_t all = 0;
  std::uint64_t next = 0;
  const auto group = static_cast<std::int64_t>(RequestRows::kGroup);
  for (const std::int64_t size : {std::int64_t{1}, group - 1, group, group + 1, 3 * group, 3 * group + 5}) {
    for (std::int64_t i = 0; i < size; ++i) offer(next++);
    EXPECT_EQ(book(), size);
    expect_requests(all += size);
  }
}

TEST_F(LedgerTablesTest, WhatWasBookedBeforeDoesNotCountAgain) {
  for (std::uint64_t i = 0; i < 100; ++i) offer(i);
  EXPECT_EQ(book(), 100);
  for (std::uint64_t i = 0; i < 100; ++i) offer(i);
  EXPECT_EQ(book(), 0);
  expect_requests(100);
  // One old row among new ones.
  for (std::uint64_t i = 99; i < 300; ++i) offer(i);
  EXPECT_EQ(book(), 200);
  expect_requests(300);
}

}  // namespace
}  // namespace orchestra
