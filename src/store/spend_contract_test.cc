// The contract suites of Journal and Store over the real ledger, and what happens when the disk is full.
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "ports/journal_contract.h"
#include "ports/store_contract.h"
#include "store/segment.h"
#include "store/spend_ledger.h"
#include "store/sqlite.h"
#include "store/test_records.h"

namespace orchestra {
namespace {

using testing::answered;
using testing::opened_at;
using testing::run;
using testing::TemporaryFolder;

// Records are multiples of 8: none ends in the last 4 bytes, which a FullDisk cuts off.
constexpr std::uint32_t kSegment = (64U << 10) + 4;

// While it lives, no file of this process can grow beyond a size that is too small for a segment: what a full disk
// looks like to whoever asks for one.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{.rlim_cur = kSegment - 1, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  // The signal stays ignored: the journal thread may be in the middle of such a write.
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

class Ledger {
 public:
  Ledger() {
    auto ledger = SpendLedger::open({.data_dir = folder_.path(), .clock = clock_, .segment_bytes = kSegment});
    EXPECT_TRUE(ledger.has_value()) << ledger.error().what;
    ledger_ = std::move(*ledger);
  }
  SpendLedger& operator*() { return *ledger_; }
  SpendLedger* operator->() { return ledger_.get(); }
  const std::string& folder() const { return folder_.path(); }
  // Returns when a round of the journal thread has begun and ended since; what it could not do does not matter.
  void round() {
    static_cast<void>(run(ledger_->store().usage({.from = WallTime{}, .to = WallTime(std::chrono::hours(1))})));
  }
  // The records of that type in the journal's files.
  std::size_t count(RecordType type) {
    std::size_t count = 0;
    for (const auto& path : *list_segments(folder_.path() + "/journal")) {
      const auto segment = read_segment(path);
      RecordReader reader(segment->records, segment->head.salt());
      while (const auto record = reader.next()) count += record->type == type ? 1 : 0;
    }
    return count;
  }

 private:
  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<SpendLedger> ledger_;
};

class SqliteStoreFixture {
 public:
  void book(const SpendOpened& opened, const SpendSettled& settled) {
    auto& journal = ledger_->journal(0);
    journal.settle(*journal.open(opened), settled);
  }
  Store& store() { return ledger_->store(); }

 private:
  Ledger ledger_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreContract, SqliteStoreFixture);

// While it lives, what is booked is not yet safe in the database file, and so no journal file is deleted.
class LongQuery {
 public:
  explicit LongQuery(const std::string& folder)
      : database_(*Database::open(folder + "/ledger.db", Database::Access::kReadOnly)),
        view_(*Transaction::begin_reading(database_)) {
    EXPECT_TRUE(database_.run("SELECT count(*) FROM requests"));
  }

 private:
  Database database_;
  Transaction view_;
};

class FileJournalFixture {
 public:
  Journal& journal() { return ledger_->journal(0); }
  void fill() {
    full_.emplace();
    // A segment that was being made when the disk filled up is ready after this.
    ledger_.round();
    while (journal().open(opened_at(WallTime{}))) {
    }
  }
  std::size_t opened() { return ledger_.count(RecordType::kOpened); }
  std::size_t settled() { return ledger_.count(RecordType::kSettled); }

 private:
  Ledger ledger_;
  LongQuery query_{ledger_.folder()};
  std::optional<FullDisk> full_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(File, JournalContract, FileJournalFixture);

TEST(DiskFull, AdmissionClosesEverythingInFlightIsSettledAndItOpensAgain) {
  Ledger ledger;
  auto& journal = ledger->journal(0);
  std::vector<JournalTicket> running;
  std::int64_t admitted = 0;
  {
    const FullDisk full;
    while (true) {
      auto ticket = journal.open(opened_at(WallTime{}));
      if (!ticket) {
        EXPECT_EQ(ticket.error().fault, Fault::kUnavailable);
        EXPECT_NE(ticket.error().what.find("disk is full"), std::string::npos);
        EXPECT_TRUE(ticket.error().retry_after.has_value());
        break;
      }
      ++admitted;
      running.push_back(*ticket);
    }
    // Settlements are the largest there are: long names, attempts, a decision that cannot be kept any more.
    auto settled = answered();
    settled.model.text.assign(1000, 'm');
    settled.attempts.resize(40, {.outcome = "timeout", .what = std::string(500, 'w')});
    for (const auto ticket : running) journal.settle(ticket, settled);
    EXPECT_EQ(ledger->stats().lost_settlements, 0U);
  }
  while (true) {
    const auto ticket = journal.open(opened_at(WallTime{}));
    if (ticket) {
      journal.settle(*ticket, answered());
      break;
    }
    std::this_thread::yield();
  }
  const auto report = run(ledger->store().usage({.from = WallTime{}, .to = WallTime(std::chrono::hours(1))}));
  ASSERT_TRUE(report.has_value()) << report.error().what;
  EXPECT_EQ(report->total.requests, admitted + 1);
  EXPECT_GT(ledger->stats().refused, 0U);
}

TEST(DiskFull, AStartWithoutRoomIsRefusedWithASentence) {
  TemporaryFolder folder;
  const FakeClock clock;
  const FullDisk full;
  const auto ledger = SpendLedger::open({.data_dir = folder.path(), .clock = clock, .segment_bytes = 1U << 20});
  ASSERT_FALSE(ledger.has_value());
  EXPECT_EQ(ledger.error().fault, Fault::kUnavailable);
}

}  // namespace
}  // namespace orchestra
