// What stands between the journals and the database: rounds of work on two threads of its own, one at a time.
//
// A round is the quiet thread's, which runs when nobody else wants the core: a request that comes in the middle of it
// does not wait. It is the busy thread's, which claims its share of a core that is never idle, when the last round had
// much to book, or when somebody waits for its end. Two threads, because Linux lets no ordinary user raise a priority
// that was lowered.
//
// Every 100 ms, or when woken: keep fresh segments ready for every loop; sync when somebody waits for it or a second
// has passed; read what the loops appended, book it in one transaction; when enough is booked, checkpoint the database
// and delete the segments whose records are safe there.
//
// A segment is deleted only after a checkpoint has synced the database: so a power cut loses nothing that a sync of the
// journal had saved. Requests that still run when their segment goes are kept in the table open_requests meanwhile.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "store/ledger_tables.h"
#include "store/segment.h"
#include "store/spend_join.h"

namespace orchestra {

// Owned by SpendLedger. The public functions are thread-safe unless they say otherwise.
class JournalThread {
 public:
  struct Options {
    std::string folder;
    std::uint64_t boot = 0;
    int loops = 1;
    std::uint32_t segment_bytes = 4U << 20;
    bool durable = false;  // what synced() promises must hold for the folder, too
    const Clock* clock = nullptr;
  };
  using Done = std::move_only_function<void(Result<void>)>;

  // Makes the first segments, so that the journals can be written at once; kUnavailable when there is no room.
  static Result<std::unique_ptr<JournalThread>> start(Options options, std::unique_ptr<LedgerTables> tables,
                                                      std::unique_ptr<SpendJoin> join);
  // Stops without a last round; stop() is the clean way.
  ~JournalThread();

  const Options& options() const noexcept { return options_; }
  Lane& lane(int loop) noexcept { return *lanes_[static_cast<std::size_t>(loop)].lane; }

  // Soon do a round.
  void wake() EXCLUDES(mutex_);
  // Calls `done` on the thread of a round when all that was appended before is on the disk.
  void when_synced(Done done) EXCLUDES(mutex_);
  // Blocks until all that was appended before is booked. Not for loops.
  Result<void> flush() EXCLUDES(mutex_);
  // After the loops have stopped writing: a last round that books and deletes everything, and the end of the thread.
  Result<void> stop() EXCLUDES(mutex_);

  std::uint64_t booked() const noexcept { return booked_.load(std::memory_order_relaxed); }
  std::uint64_t failed_commits() const noexcept { return failed_commits_.load(std::memory_order_relaxed); }
  std::uint64_t segments() const noexcept { return segments_.load(std::memory_order_relaxed); }

 private:
  // A segment that its loop has, or had.
  struct Live {
    std::unique_ptr<Segment> segment;
    std::uint32_t read = kSegmentHeadBytes;  // records before this are in the join or the database
    bool finished = false;                   // sealed and read whole
    bool booked = false;                     // and its records are committed
  };
  struct LoopState {
    std::unique_ptr<Lane> lane;  // its address stays: the loop holds it
    std::deque<Live> live;       // oldest first
    std::uint32_t next_number = 0;
    std::uint32_t ahead = 2;  // segments to keep ready
  };
  enum class Pace : std::uint8_t { kQuiet, kBusy };
  struct Work {
    std::vector<Done> sync_waiters;
    std::uint64_t flush_wanted = 0;
    bool stop = false;
  };

  JournalThread(Options options, std::unique_ptr<LedgerTables> tables, std::unique_ptr<SpendJoin> join);
  void run(Pace pace);
  // The next round that is this thread's; nothing when there will be none.
  std::optional<Work> wait_for_work(Pace pace) EXCLUDES(mutex_);
  void end_round(const Work& work, const Result<void>& booked, bool much) EXCLUDES(mutex_);
  Result<void> prepare_segments();
  std::uint32_t wanted(LoopState& state) const noexcept;
  void sync(std::vector<Done> waiters);
  Result<void> sync_segments();
  // Reads what the loops appended into the join; true when the batch is full before that was all.
  Result<bool> read_some();
  Result<void> read_chunk(Live& live, std::uint32_t written);
  Result<void> book();
  Result<void> read_and_book_all();
  Result<void> delete_booked();
  void complain(std::string_view doing, const Result<void>& result);

  const Options options_;
  std::vector<LoopState> lanes_;

  // Of the thread whose round it is.
  std::unique_ptr<LedgerTables> tables_;
  std::unique_ptr<SpendJoin> join_;
  std::int64_t boot_number_ = 0;
  std::string buffer_;
  TimePoint last_sync_{};
  TimePoint last_complaint_{};
  bool no_room_ = false;
  bool last_round_ = false;

  std::atomic<std::uint64_t> booked_{0}, failed_commits_{0}, segments_{0};

  Mutex mutex_;
  std::condition_variable_any changed_;
  bool in_round_ GUARDED_BY(mutex_) = false;
  bool much_ GUARDED_BY(mutex_) = false;  // in the last round
  std::chrono::steady_clock::time_point next_round_ GUARDED_BY(mutex_) = std::chrono::steady_clock::now();
  bool woken_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;
  std::vector<Done> sync_waiters_ GUARDED_BY(mutex_);
  std::uint64_t flush_wanted_ GUARDED_BY(mutex_) = 0;
  std::uint64_t flush_done_ GUARDED_BY(mutex_) = 0;
  Result<void> flush_result_ GUARDED_BY(mutex_);

  std::vector<std::thread> threads_;
};

}  // namespace orchestra
