#include "store/journal_thread.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

namespace orchestra {
namespace {

constexpr auto kRound = std::chrono::milliseconds(100);
constexpr auto kSyncEvery = std::chrono::seconds(1);
constexpr auto kComplainEvery = std::chrono::seconds(10);
constexpr std::size_t kBatchRows = 8192;
constexpr std::uint64_t kMuchRows = 2048;  // a round of so many is a good part of what a core can do
constexpr std::uint32_t kReadBytes = 256U << 10;
// A page's second way, from the WAL to its place, is cheaper the more rows came to it meanwhile.
constexpr std::int64_t kWalPages = 2048;
constexpr std::size_t kDeletableBytes = 64U << 20;
constexpr std::uint32_t kMostAhead = 16;

constexpr int kLowestNice = 19;

// sched_setattr(2), first version of its argument; the C library has no declaration yet.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes), policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice_nanoseconds = 0, deadline = 0, period = 0;
};

// A round takes milliseconds. It must not push a request from its core, nor keep a core for longer than the shortest
// slice that Linux grants; kernels before 6.12 do not read the slice.
void give_way_to_requests(int nice) noexcept {
  const SchedulingAttributes wanted{.policy = SCHED_BATCH, .nice = nice, .slice_nanoseconds = 100'000};
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &wanted, 0));
}

}  // namespace

JournalThread::JournalThread(Options options, std::unique_ptr<LedgerTables> tables, std::unique_ptr<SpendJoin> join)
    : options_(std::move(options)), tables_(std::move(tables)), join_(std::move(join)) {
  lanes_.resize(static_cast<std::size_t>(options_.loops));
  for (auto& state : lanes_) state.lane = std::make_unique<Lane>();
}

Result<std::unique_ptr<JournalThread>> JournalThread::start(Options options, std::unique_ptr<LedgerTables> tables,
                                                            std::unique_ptr<SpendJoin> join) {
  std::unique_ptr<JournalThread> self(new JournalThread(std::move(options), std::move(tables), std::move(join)));
  TRY_VOID(self->prepare_segments());
  for (const Pace pace : {Pace::kQuiet, Pace::kBusy}) {
    self->threads_.emplace_back([raw = self.get(), pace] { raw->run(pace); });
  }
  return self;
}

JournalThread::~JournalThread() {
  static_cast<void>(stop());
}

void JournalThread::wake() {
  const MutexLock lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void JournalThread::when_synced(Done done) {
  {
    const MutexLock lock(mutex_);
    if (!ended_) {
      sync_waiters_.push_back(std::move(done));
      changed_.notify_all();
      return;
    }
  }
  done(fail(Fault::kUnavailable, "The server is stopping."));
}

Result<void> JournalThread::flush() {
  const MutexLock lock(mutex_);
  const auto wanted = ++flush_wanted_;
  changed_.notify_all();
  while (flush_done_ < wanted) {
    if (ended_) return {};
    changed_.wait(mutex_);
  }
  return flush_result_;
}

Result<void> JournalThread::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  const MutexLock lock(mutex_);
  return flush_result_;
}

std::optional<JournalThread::Work> JournalThread::wait_for_work(Pace pace) {
  const MutexLock lock(mutex_);
  while (!ended_) {
    const bool urgent = stopping_ || !sync_waiters_.empty() || flush_wanted_ != flush_done_;
    const bool mine = (urgent || much_ ? Pace::kBusy : Pace::kQuiet) == pace && !in_round_;
    if (mine && (urgent || woken_ || std::chrono::steady_clock::now() >= next_round_)) {
      in_round_ = true;
      woken_ = false;
      return Work{.sync_waiters = std::exchange(sync_waiters_, {}), .flush_wanted = flush_wanted_, .stop = stopping_};
    }
    if (mine) {
      const auto until = next_round_;  // wait_until() looks at it when the lock is not held
      changed_.wait_until(mutex_, until);
    } else {
      changed_.wait(mutex_);
    }
  }
  return std::nullopt;
}

void JournalThread::end_round(const Work& work, const Result<void>& booked, bool much) {
  std::vector<Done> late;
  {
    const MutexLock lock(mutex_);
    in_round_ = false;
    much_ = much;
    next_round_ = std::chrono::steady_clock::now() + kRound;
    flush_done_ = std::max(flush_done_, work.flush_wanted);
    flush_result_ = booked;
    ended_ = work.stop;
    if (ended_) late = std::exchange(sync_waiters_, {});
    changed_.notify_all();
  }
  for (auto& done : late) done(fail(Fault::kUnavailable, "The server is stopping."));
}

void JournalThread::run(Pace pace) {
  ::pthread_setname_np(::pthread_self(), "journal");
  give_way_to_requests(pace == Pace::kQuiet ? kLowestNice : 0);
  while (auto work = wait_for_work(pace)) {
    const auto booked_before = booked();
    last_round_ = work->stop;
    complain("make room for the journal", prepare_segments());
    sync(std::move(work->sync_waiters));
    const auto booked_all = read_and_book_all();
    complain("book what was spent", booked_all);
    complain("tidy the journal", delete_booked());
    end_round(*work, booked_all, booked() - booked_before >= kMuchRows);
  }
}

Result<void> JournalThread::prepare_segments() {
  if (last_round_) return {};
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& [lane, live, next_number, ahead] = lanes_[i];
    for (const auto enough = wanted(lanes_[i]); lane->ready() < enough;) {
      const SegmentHead head{options_.boot, static_cast<std::uint32_t>(i), next_number};
      auto made = Segment::create(options_.folder, head, options_.segment_bytes, options_.durable);
      no_room_ = !made;
      if (!made) return std::unexpected(std::move(made).error());
      ++next_number;
      live.push_back({.segment = std::move(*made)});
      segments_.fetch_add(1, std::memory_order_relaxed);
      lane->give(*live.back().segment);
    }
  }
  return {};
}

std::uint32_t JournalThread::wanted(LoopState& state) const noexcept {
  // A loop that used up half of what was ready since the last round may need more before the next one ends.
  if (state.next_number > 0 && state.lane->ready() <= state.ahead / 2) {
    state.ahead = std::min(kMostAhead, state.ahead * 2);
  }
  // Requests in flight have a right to room for their settlement, besides the room that new ones need.
  const auto slots = (options_.segment_bytes - kSegmentHeadBytes) / kSettledRoom;
  const auto open = state.lane->outstanding.load(std::memory_order_relaxed);
  return std::min<std::uint32_t>(Lane::kPlaces, state.ahead + static_cast<std::uint32_t>(open / slots));
}

void JournalThread::sync(std::vector<Done> waiters) {
  const auto now = options_.clock->now();
  if (waiters.empty() && now - last_sync_ < kSyncEvery) return;
  last_sync_ = now;
  const auto result = sync_segments();
  complain("sync the journal", result);
  for (auto& done : waiters) done(result);
}

Result<void> JournalThread::sync_segments() {
  for (auto& state : lanes_) {
    for (auto& live : state.live) {
      if (!live.segment->synced()) TRY_VOID(live.segment->sync());
    }
  }
  return {};
}

Result<bool> JournalThread::read_some() {
  for (auto& state : lanes_) {
    for (auto& live : state.live) {
      if (live.finished) continue;
      // In the last round no loop writes any more.
      const bool sealed = live.segment->sealed() || last_round_;
      const auto written = live.segment->written();
      while (live.read < written) {
        if (join_->batch().rows.size() >= kBatchRows) return true;
        TRY_VOID(read_chunk(live, written));
      }
      if (!sealed) break;  // the later ones are not written yet
      join_->save_open(boot_number_, live.segment->head());
      live.finished = true;
    }
  }
  return false;
}

Result<void> JournalThread::read_chunk(Live& live, std::uint32_t written) {
  if (boot_number_ == 0) boot_number_ = join_->boots().number(fmt::format("{:016x}", options_.boot));
  // A record longer than the usual chunk takes a second, longer look.
  for (const auto longest : {kReadBytes, static_cast<std::uint32_t>(kMaxRecordBytes + kRecordHeadBytes + 8)}) {
    const auto to = std::min(written, live.read + longest);
    TRY_VOID(live.segment->read(live.read, to, buffer_));
    RecordReader reader(buffer_, live.segment->head().salt());
    while (const auto record = reader.next()) join_->take(boot_number_, live.segment->head(), *record);
    live.read += static_cast<std::uint32_t>(reader.consumed());
    if (reader.consumed() > 0) return {};
  }
  log::error("A journal segment was changed while it was written: {} bytes of it are lost.", written - live.read);
  live.read = written;
  return {};
}

Result<void> JournalThread::book() {
  if (join_->batch().empty()) return {};
  const auto rows = tables_->book(*join_);
  if (!rows) {
    failed_commits_.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(rows.error());
  }
  join_->booked();
  booked_.fetch_add(static_cast<std::uint64_t>(*rows), std::memory_order_relaxed);
  return {};
}

Result<void> JournalThread::read_and_book_all() {
  // What could not be committed last time comes first: reading on before would only grow the heap.
  TRY_VOID(book());
  bool more = true;
  while (more) {
    TRY(more, read_some());
    TRY_VOID(book());
    if (more) TRY_VOID(prepare_segments());
  }
  for (auto& state : lanes_) {
    for (auto& live : state.live) live.booked = live.finished;
  }
  return {};
}

Result<void> JournalThread::delete_booked() {
  std::size_t deletable = 0;
  for (const auto& state : lanes_) {
    for (const auto& live : state.live) deletable += live.booked ? options_.segment_bytes : 0;
  }
  const bool due =
      last_round_ || tables_->wal_pages() >= kWalPages || deletable >= kDeletableBytes || (no_room_ && deletable > 0);
  if (!due) return {};
  TRY(const bool safe, tables_->checkpoint());
  // A query still reads old pages. The next round tries again.
  if (!safe) return {};
  for (auto& state : lanes_) {
    while (!state.live.empty() && state.live.front().booked) {
      state.live.front().segment->remove();
      state.live.pop_front();
      segments_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  return {};
}

void JournalThread::complain(std::string_view doing, const Result<void>& result) {
  const auto now = options_.clock->now();
  if (result || now - last_complaint_ < kComplainEvery) return;
  last_complaint_ = now;
  log::error("The ledger could not {}: {} It tries again.", doing, result.error().what);
}

}  // namespace orchestra
