#include "store/replay.h"

#include <fstream>

#include "store/segment.h"
#include "store/spend_ledger.h"
#include "store/test_records.h"

namespace orchestra {
namespace {

using testing::answered;
using testing::opened_at;
using testing::TemporaryFolder;

constexpr std::uint32_t kSegment = 64U << 10;

// Writes segments as a server would that died right after.
class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() { std::filesystem::create_directories(journal_); }

  std::unique_ptr<Segment> segment(std::uint32_t number, std::uint32_t loop = 0, std::uint64_t boot = 77) {
    return std::move(*Segment::create(journal_, {.boot = boot, .loop = loop, .number = number}, kSegment, false));
  }
  void open(Segment& segment, std::uint64_t sequence) {
    std::array<char, kOpenedRoom> buffer;
    const auto size = encode_opened(buffer, segment.head().salt(), sequence, opened_at(clock_.wall()));
    ASSERT_TRUE(segment.append({buffer.data(), size}));
  }
  void settle(Segment& segment, std::uint64_t sequence) {
    std::array<char, kSettledRoom> buffer;
    const auto size = encode_settled(buffer, segment.head().salt(), sequence, 0, answered());
    ASSERT_TRUE(segment.append({buffer.data(), size}));
  }
  void flip(const std::string& path, std::streamoff at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(at);
    const auto byte = static_cast<char>(file.get() ^ 0x55);
    file.seekp(at);
    file.put(byte);
  }
  ReplayReport replay_all() {
    auto tables = LedgerTables::open(folder_.path() + "/ledger.db");
    SpendJoin join;
    auto report = replay(journal_, **tables, join);
    EXPECT_TRUE(report.has_value());
    return *report;
  }
  std::int64_t rows(const std::string& where = "1") {
    auto database = Database::open(folder_.path() + "/ledger.db", Database::Access::kReadOnly);
    auto statement = database->prepare("SELECT count(*) FROM requests WHERE " + where);
    EXPECT_TRUE(*statement->step());
    return statement->integer(0);
  }

  TemporaryFolder folder_;
  const std::string journal_ = folder_.path() + "/journal";
  FakeClock clock_;
};

TEST_F(ReplayTest, JoinsOverSegmentsAndLoops) {
  auto first = segment(0), second = segment(1), other = segment(0, 1);
  open(*first, 1);
  open(*first, 2);
  settle(*second, 1);
  open(*other, 1);
  settle(*other, 1);
  const auto report = replay_all();
  EXPECT_EQ(report.segments, 3);
  EXPECT_EQ(report.booked, 2);
  EXPECT_EQ(report.interrupted, 1);
  EXPECT_EQ(report.damaged_bytes, 0);
  EXPECT_EQ(rows("outcome = 3 AND cost = 900"), 1);
  EXPECT_TRUE(list_segments(journal_)->empty());
}

TEST_F(ReplayTest, TwiceIsOnce) {
  {
    auto only = segment(0);
    open(*only, 1);
    settle(*only, 1);
    open(*only, 2);
  }
  const auto path = list_segments(journal_)->front();
  std::filesystem::copy(path, path + ".copy");
  EXPECT_EQ(replay_all().booked, 1);
  // The server died after booking and before deleting.
  std::filesystem::rename(path + ".copy", path);
  const auto again = replay_all();
  EXPECT_EQ(again.booked, 0);
  EXPECT_EQ(again.interrupted, 0);
  EXPECT_EQ(rows(), 2);
}

TEST_F(ReplayTest, DamageCostsOnlyTheRecordsItHits) {
  std::string path;
  std::uint32_t second_starts = 0;
  {
    auto only = segment(0);
    open(*only, 1);
    settle(*only, 1);
    second_starts = only->written();
    open(*only, 2);
    settle(*only, 2);
    open(*only, 3);
    settle(*only, 3);
    path = only->path();
  }
  flip(path, second_starts + 40);
  const auto report = replay_all();
  EXPECT_GT(report.damaged_bytes, 0);
  EXPECT_EQ(report.booked, 2);
  EXPECT_EQ(report.without_opened, 1);
  EXPECT_EQ(report.interrupted, 0);
}

TEST_F(ReplayTest, HalfARecordAtTheEndIsNoDamageUnlessTheLoopWentOn) {
  std::string path;
  std::uint32_t end = 0;
  {
    auto first = segment(0);
    open(*first, 1);
    end = first->written();
    settle(*first, 1);
    path = first->path();
  }
  std::filesystem::resize_file(path, end + 40);
  std::filesystem::copy(path, path + ".copy");
  auto report = replay_all();
  EXPECT_EQ(report.damaged_bytes, 0);
  EXPECT_EQ(report.interrupted, 1);

  std::filesystem::rename(path + ".copy", path);
  auto second = segment(1);
  open(*second, 2);
  EXPECT_GT(replay_all().damaged_bytes, 0);
}

TEST_F(ReplayTest, ADamagedHeadIsSetAsideAndABlankFileIsRemoved) {
  {
    auto first = segment(0);
    open(*first, 1);
    settle(*first, 1);
    flip(first->path(), 3);
  }
  std::ofstream(journal_ + "/boot-0000000000000001-loop-000-0000000000.wal") << std::string(100, '\0');
  const std::ofstream blank(journal_ + "/boot-0000000000000002-loop-000-0000000000.wal");
  const auto report = replay_all();
  EXPECT_EQ(report.booked, 0);
  EXPECT_TRUE(list_segments(journal_)->empty());
  std::size_t kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(journal_)) {
    kept += entry.path().extension() == ".damaged" ? 1 : 0;
  }
  EXPECT_EQ(kept, 1U);
}

}  // namespace
}  // namespace orchestra
