// The journal of one loop: records appended to preallocated files without a system call (store/segment.h).
//
// Room is a promise: a request is opened only while every request in flight keeps room for its settlement
// (kSettledRoom), in the current segment and those that are ready. So `settle` has a place even when the disk is full.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>

#include "ports/journal.h"
#include "store/journal_thread.h"

namespace orchestra {

// Loop-bound; outlived by the JournalThread. No allocation per record; a decision that is new to this loop costs its
// JSON text and a hash, once.
class FileJournal final : public Journal {
 public:
  struct Options {
    int loop = 0;
    bool waits_for_disk = false;
    std::string (*encode_decision)(const Decision&) = nullptr;
  };
  FileJournal(JournalThread& thread, const Options& options);
  // Seals the segment: nothing is written after it.
  ~FileJournal() override;

  Result<JournalTicket> open(const SpendOpened& opened) noexcept override;
  void settle(JournalTicket ticket, const SpendSettled& settled) noexcept override;
  bool waits_for_disk() const noexcept override { return options_.waits_for_disk; }
  Task<void> synced() override;

 private:
  // Decisions that this loop has met lately, by address; holding them keeps the address theirs.
  struct Met {
    DecisionPtr decision;
    std::uint64_t hash = 0;
  };

  // The segment that takes `bytes` more and leaves room to settle `open` requests; null: there is none.
  Segment* place(std::size_t bytes, std::uint32_t open) noexcept;
  void rotate() noexcept;
  std::size_t slots(std::size_t bytes) const noexcept { return bytes / kSettledRoom; }
  // The decision's content hash; writes its body when this boot's journal of this loop does not have it yet.
  std::uint64_t remember(const DecisionPtr& decision, std::uint32_t open);
  bool write_body(std::uint64_t hash, std::string_view body, std::uint32_t open);
  void write_attempts(std::uint64_t sequence, const SpendSettled& settled, std::uint32_t open) noexcept;

  JournalThread& thread_;
  Lane& lane_;
  const Options options_;
  const std::size_t segment_room_;
  Segment* current_ = nullptr;
  std::uint64_t sequence_ = 0;
  std::uint32_t open_ = 0;
  std::array<Met, 64> met_{};
  std::unordered_set<std::uint64_t> written_bodies_;
};

}  // namespace orchestra
