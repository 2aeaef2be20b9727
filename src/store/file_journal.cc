#include "store/file_journal.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "base/secret.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMostBodies = 4096;

// The first 64 bits of SHA-256: callers choose part of the text, so a weaker hash would let them pass one decision off
// as another.
std::uint64_t content_hash(std::string_view body) {
  const auto hex = sha256_hex(body);
  return std::max<std::uint64_t>(1, std::stoull(hex.substr(0, 16), nullptr, 16));
}

bool simply_succeeded(const SpendSettled& settled) noexcept {
  return settled.attempts.empty() || (settled.outcome == Outcome::kAnswered && settled.attempts.size() == 1 &&
                                      settled.attempts.front().outcome == "answered");
}

}  // namespace

FileJournal::FileJournal(JournalThread& thread, const Options& options)
    : thread_(thread),
      lane_(thread.lane(options.loop)),
      options_(options),
      segment_room_(thread.options().segment_bytes - kSegmentHeadBytes) {}

FileJournal::~FileJournal() {
  if (current_ != nullptr) current_->seal();
}

void FileJournal::rotate() noexcept {
  if (current_ != nullptr) current_->seal();
  current_ = lane_.take();
  thread_.wake();
}

Segment* FileJournal::place(std::size_t bytes, std::uint32_t open) noexcept {
  const std::size_t ready = lane_.ready();
  const std::size_t slots_per_segment = slots(segment_room_);
  if (current_ != nullptr && current_->room() >= bytes &&
      slots(current_->room() - bytes) + ready * slots_per_segment >= open) {
    return current_;
  }
  if (ready == 0 || bytes > segment_room_) return nullptr;
  if (slots(segment_room_ - bytes) + (ready - 1) * slots_per_segment < open) return nullptr;
  rotate();
  return current_;
}

Result<JournalTicket> FileJournal::open(const SpendOpened& opened) noexcept {
  std::array<char, kOpenedRoom> record;
  if (Segment* segment = place(record.size(), open_ + 1)) {
    const auto size = encode_opened(record, segment->head().salt(), sequence_ + 1, opened);
    if (segment->append({record.data(), size})) {
      lane_.outstanding.store(++open_, std::memory_order_relaxed);
      return JournalTicket{++sequence_};
    }
  }
  lane_.refused.fetch_add(1, std::memory_order_relaxed);
  Error error{.fault = Fault::kUnavailable,
              .what =
                  "The server cannot record what this request would cost, because its disk is full. It accepts "
                  "requests again as soon as there is space."};
  error.retry_after = Seconds(5);
  return fail(std::move(error));
}

void FileJournal::settle(JournalTicket ticket, const SpendSettled& settled) noexcept {
  const auto decision = remember(settled.decision, open_);
  if (!simply_succeeded(settled)) write_attempts(ticket.sequence, settled, open_);
  const std::uint32_t still_open = open_ > 0 ? open_ - 1 : 0;
  std::array<char, kSettledRoom> record;
  bool written = false;
  for (int attempt = 0; attempt < 2 && !written; ++attempt) {
    Segment* segment = place(record.size(), still_open);
    if (segment == nullptr) break;
    const auto size = encode_settled(record, segment->head().salt(), ticket.sequence, decision, settled);
    written = segment->append({record.data(), size});
    // The operating system refuses to write to this file; another one may do.
    if (!written && lane_.ready() > 0) rotate();
  }
  lane_.outstanding.store(open_ = still_open, std::memory_order_relaxed);
  if (written) return;
  lane_.lost.fetch_add(1, std::memory_order_relaxed);
  log::error(
      "A settlement could not be written to the journal; at the next start its request is booked as interrupted.");
}

std::uint64_t FileJournal::remember(const DecisionPtr& decision, std::uint32_t open) {
  if (!decision || options_.encode_decision == nullptr) return 0;
  Met& met = met_[(reinterpret_cast<std::uintptr_t>(decision.get()) >> 4) % met_.size()];
  if (met.decision == decision) return met.hash;
  const auto body = options_.encode_decision(*decision);
  const auto hash = content_hash(body);
  if (!written_bodies_.contains(hash)) {
    // Not written (no room): it is tried again with the next request that shares it.
    if (!write_body(hash, body, open)) return hash;
    if (written_bodies_.size() >= kMostBodies) written_bodies_.clear();
    written_bodies_.insert(hash);
  }
  met = {decision, hash};
  return hash;
}

bool FileJournal::write_body(std::uint64_t hash, std::string_view body, std::uint32_t open) {
  const auto bytes = decision_record_bytes(body);
  if (bytes > kMaxRecordBytes) return false;
  Segment* segment = place(bytes, open);
  if (segment == nullptr) return false;
  std::string record(bytes, '\0');
  const auto size = encode_decision(record, segment->head().salt(), hash, body);
  return segment->append({record.data(), size});
}

void FileJournal::write_attempts(std::uint64_t sequence, const SpendSettled& settled, std::uint32_t open) noexcept {
  std::array<char, kAttemptsRoom> record;
  Segment* segment = place(record.size(), open);
  if (segment == nullptr) return;
  const auto size = encode_attempts(record, segment->head().salt(), sequence, settled.attempts);
  static_cast<void>(segment->append({record.data(), size}));
}

Task<void> FileJournal::synced() {
  if (!options_.waits_for_disk) co_return Result<void>();
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Result<void>)>(
      [this](auto handler) {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        thread_.when_synced([handler = std::move(handler), guard = std::move(guard)](Result<void> result) mutable {
          const auto executor = guard.get_executor();
          asio::post(executor, [handler = std::move(handler), result = std::move(result)]() mutable {
            std::move(handler)(std::move(result));
          });
        });
      },
      asio::use_awaitable_t<Executor>());
}

}  // namespace orchestra
