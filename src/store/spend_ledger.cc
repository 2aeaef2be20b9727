#include "store/spend_ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "base/ids.h"
#include "base/log.h"
#include "store/file_journal.h"
#include "store/journal_thread.h"
#include "store/replay.h"
#include "store/sqlite_store.h"

namespace orchestra {
namespace {

constexpr std::uint32_t kSmallestSegment = 64U << 10;

// An advisory lock on a file, for as long as it lives.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path) {
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.file_ < 0) return fail(Fault::kUnavailable, "The data folder cannot be written; check its permissions.");
    if (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
      return fail(Fault::kConflict,
                  "Another ai-orchestra server uses this data folder. Stop it, or give this one its own folder with "
                  "--data-dir.");
    }
    return lock;
  }
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  explicit FileLock(int file) noexcept : file_(file) {}
  int file_;
};

void warn_of(const ReplayReport& replayed) {
  if (replayed.without_opened > 0) {
    log::warning("{} settlements in the journal had no opening record; they were booked before, or damaged.",
                 replayed.without_opened);
  }
}

}  // namespace

// Destroyed in reverse: the queries end before the thread, the thread before the lock.
struct SpendLedger::Parts {
  FileLock lock;
  ReplayReport replayed;
  std::unique_ptr<JournalThread> thread;
  std::vector<std::unique_ptr<FileJournal>> journals;
  std::unique_ptr<SqliteStore> store;
};

SpendLedger::SpendLedger(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

SpendLedger::~SpendLedger() {
  if (const auto closed = close(); !closed) log::error("The ledger was not closed well: {}", closed.error().what);
}

Result<std::unique_ptr<SpendLedger>> SpendLedger::open(Options options) {
  const std::string folder = options.data_dir + "/journal";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(Fault::kUnavailable, fmt::format("The data folder cannot be made: {}.", error.message()));
  }
  TRY(auto lock, FileLock::take(folder + "/lock"));
  const std::string database = options.data_dir + "/ledger.db";
  TRY(auto tables, LedgerTables::open(database));
  auto join = std::make_unique<SpendJoin>();
  TRY(const auto replayed, replay(folder, *tables, *join));
  warn_of(replayed);
  const bool durable = options.durability == Durability::kPower;
  TRY(auto thread, JournalThread::start({.folder = folder,
                                         .boot = random_bits(),
                                         .loops = options.loops,
                                         .segment_bytes = std::max(options.segment_bytes, kSmallestSegment),
                                         .durable = durable,
                                         .clock = &options.clock},
                                        std::move(tables), std::move(join)));
  std::vector<std::unique_ptr<FileJournal>> journals;
  for (int loop = 0; loop < options.loops; ++loop) {
    journals.push_back(std::make_unique<FileJournal>(
        *thread,
        FileJournal::Options{.loop = loop, .waits_for_disk = durable, .encode_decision = options.encode_decision}));
  }
  auto store = std::make_unique<SqliteStore>(database, *thread);
  std::unique_ptr<Parts> parts(
      new Parts{std::move(lock), replayed, std::move(thread), std::move(journals), std::move(store)});
  return std::unique_ptr<SpendLedger>(new SpendLedger(std::move(parts)));
}

Journal& SpendLedger::journal(int loop) noexcept {
  return *parts_->journals[static_cast<std::size_t>(loop)];
}

Store& SpendLedger::store() noexcept {
  return *parts_->store;
}

const ReplayReport& SpendLedger::replayed() const noexcept {
  return parts_->replayed;
}

SpendLedgerStats SpendLedger::stats() const noexcept {
  SpendLedgerStats stats{.booked = parts_->thread->booked(),
                         .failed_commits = parts_->thread->failed_commits(),
                         .segments = parts_->thread->segments()};
  for (int loop = 0; loop < parts_->thread->options().loops; ++loop) {
    const Lane& lane = parts_->thread->lane(loop);
    stats.refused += lane.refused.load(std::memory_order_relaxed);
    stats.lost_settlements += lane.lost.load(std::memory_order_relaxed);
  }
  return stats;
}

Result<void> SpendLedger::close() {
  parts_->store.reset();
  parts_->journals.clear();
  return parts_->thread->stop();
}

}  // namespace orchestra
