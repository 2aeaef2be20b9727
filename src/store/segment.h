// One preallocated file of the journal, and the lane on which fresh ones reach their loop.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/journal_record.h"

namespace orchestra {

// Made, read and deleted by the journal thread; written by one loop, from Lane::take() until seal().
class Segment {
 public:
  // Makes and preallocates `folder/boot-<id>-loop-<n>-<number>.wal`, so that writing to it later cannot lack space.
  // `durable`: the file itself, too, survives a power cut. kUnavailable when the disk is full.
  static Result<std::unique_ptr<Segment>> create(const std::string& folder, const SegmentHead& head,
                                                 std::uint32_t bytes, bool durable);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const SegmentHead& head() const noexcept { return head_; }
  const std::string& path() const noexcept { return path_; }

  // The loop's side. `append` copies into the file's pages, or is one pwrite where the file system does not promise
  // that preallocated pages can always be written; either way the operating system holds the record when it returns,
  // and the journal thread sees it. False: the operating system refused, and nothing was appended.
  bool append(std::span<const char> record) noexcept;
  std::uint32_t room() const noexcept { return bytes_ - written_.load(std::memory_order_relaxed); }
  // The loop's last use of the segment.
  void seal() noexcept;

  // The journal thread's side. Ask for sealed() before written(): then a sealed segment's size is final.
  bool sealed() const noexcept { return sealed_.load(std::memory_order_acquire); }
  std::uint32_t written() const noexcept { return written_.load(std::memory_order_acquire); }
  // Puts the bytes [from, to) into `buffer`.
  Result<void> read(std::uint32_t from, std::uint32_t to, std::string& buffer) const;
  Result<void> sync() noexcept;
  bool synced() const noexcept { return synced_ == written(); }
  void remove() noexcept;

 private:
  Segment(std::string path, const SegmentHead& head, std::uint32_t bytes, int file) noexcept;
  void unmap() noexcept;

  std::string path_;
  SegmentHead head_;
  std::uint32_t bytes_;
  int file_;
  char* pages_ = nullptr;  // the loop's, until seal(); null: write with pwrite
  std::atomic<std::uint32_t> written_{kSegmentHeadBytes};
  std::atomic<bool> sealed_{false};
  std::uint32_t synced_ = kSegmentHeadBytes;  // journal thread only
};

// What one loop and the journal thread share. Single producer (the thread), single consumer (the loop); no locks.
class Lane {
 public:
  static constexpr std::uint32_t kPlaces = 64;

  // Thread: hands a fresh segment over. There must be a free place: ready() < kPlaces.
  void give(Segment& segment) noexcept;
  // Loop: the next segment; null when none is ready.
  Segment* take() noexcept;
  std::uint32_t ready() const noexcept {
    return given_.load(std::memory_order_acquire) - taken_.load(std::memory_order_acquire);
  }

  // Written by the loop.
  std::atomic<std::uint32_t> outstanding{0};  // opened and not yet settled
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> lost{0};

 private:
  std::array<Segment*, kPlaces> places_{};
  std::atomic<std::uint32_t> given_{0};
  std::atomic<std::uint32_t> taken_{0};
};

// A journal file of an earlier run, whole.
struct LeftoverSegment {
  std::string path;
  SegmentHead head;
  std::string records;  // what follows the head; empty when the head is damaged
  bool damaged_head = false;
  bool is_blank = false;  // nothing but zeros, or nothing at all
};
// The paths of all segments in the folder, in the order of boot, loop and number.
Result<std::vector<std::string>> list_segments(const std::string& folder);
Result<LeftoverSegment> read_segment(const std::string& path);

}  // namespace orchestra
