// The bytes of the spend journal.
//
// A segment starts with a head of 64 bytes; records follow, each starting at a multiple of 8 bytes:
//
//   u32 crc    CRC-32C of everything behind it up to the payload's end
//   u32 size   of the payload; the record ends with zeros up to the next multiple of 8
//   u32 salt   low half of the boot id xor the segment's number: bytes of another file never pass as a record
//   u8  type, u8[3] zero
//   payload
//
// Integers are little endian (the host's order; a journal does not travel between machines). Records end where the
// zeros of the preallocated rest begin, or at the first torn record of the file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/spend.h"

namespace orchestra {

inline constexpr std::size_t kSegmentHeadBytes = 64;
inline constexpr std::size_t kRecordHeadBytes = 16;
// A settled record never takes more than this, so that room for it can be set aside when its request is opened.
inline constexpr std::size_t kSettledRoom = 512;
inline constexpr std::size_t kMaxRecordBytes = 1U << 20;
// Longer names are cut: a model or tenant name is an identifier, not a text.
inline constexpr std::size_t kMaxNameBytes = 256;

enum class RecordType : std::uint8_t { kOpened = 1, kSettled = 2, kAttempts = 3, kDecision = 4 };

struct SegmentHead {
  std::uint64_t boot = 0;
  std::uint32_t loop = 0;
  std::uint32_t number = 0;  // counts from 0 in each loop and boot
  std::uint32_t salt() const noexcept { return static_cast<std::uint32_t>(boot) ^ number; }
};

std::array<char, kSegmentHeadBytes> encode_head(const SegmentHead& head) noexcept;
// Nothing when it is damaged or not of this format.
std::optional<SegmentHead> decode_head(std::string_view bytes) noexcept;

// The payloads, decoded. Views point into the bytes they were read from.
struct OpenedRecord {
  std::uint64_t sequence = 0;
  RequestId id;
  WallTime at;
  MicroUsd reserve;
  TaskKind task = TaskKind::kChat;
  bool price_known = false;
  std::string_view tenant, asked, model;
};
struct SettledRecord {
  std::uint64_t sequence = 0;
  std::uint64_t decision = 0;  // content hash; 0: none
  Usage usage;
  MicroUsd cost;
  Micros latency{}, first_content{};
  int status = 0;
  Outcome outcome = Outcome::kAnswered;
  bool cost_known = false;
  bool stream = false;
  std::string_view model;
};
struct AttemptsRecord {
  std::uint64_t sequence = 0;
  std::vector<AttemptRecord> attempts;
};
struct DecisionRecord {
  std::uint64_t hash = 0;
  std::string_view body;
};

std::optional<OpenedRecord> decode_opened(std::string_view payload) noexcept;
std::optional<SettledRecord> decode_settled(std::string_view payload) noexcept;
std::optional<AttemptsRecord> decode_attempts(std::string_view payload);
std::optional<DecisionRecord> decode_decision(std::string_view payload) noexcept;

// Each writes one whole record, padding included, into `buffer` and returns its size; 0 when it does not fit.
inline constexpr std::size_t kOpenedRoom = 1024;
inline constexpr std::size_t kAttemptsRoom = 8192;
std::size_t encode_opened(std::span<char> buffer, std::uint32_t salt, std::uint64_t sequence,
                          const SpendOpened& opened) noexcept;
std::size_t encode_settled(std::span<char> buffer, std::uint32_t salt, std::uint64_t sequence, std::uint64_t decision,
                           const SpendSettled& settled) noexcept;
// Keeps the first 32 attempts and 160 bytes of each sentence.
std::size_t encode_attempts(std::span<char> buffer, std::uint32_t salt, std::uint64_t sequence,
                            std::span<const AttemptRecord> attempts) noexcept;
// The size that encode_decision() needs.
std::size_t decision_record_bytes(std::string_view body) noexcept;
std::size_t encode_decision(std::span<char> buffer, std::uint32_t salt, std::uint64_t hash,
                            std::string_view body) noexcept;

// Walks the records of a segment's bytes front to back.
class RecordReader {
 public:
  struct Record {
    RecordType type = RecordType::kOpened;
    std::string_view payload;
  };
  // `bytes` starts at a record's boundary.
  RecordReader(std::string_view bytes, std::uint32_t salt) noexcept : bytes_(bytes), salt_(salt) {}
  // The next valid record, or nothing at the end. Bytes that are no record are skipped and counted.
  std::optional<Record> next() noexcept;
  // Bytes before a valid record that are no record themselves.
  std::size_t damaged_bytes() const noexcept { return damaged_; }
  // Bytes behind the last valid record that are neither a record nor zeros, once next() has returned nothing: what a
  // killed process leaves when it dies in the middle of a write.
  std::size_t torn_bytes() const noexcept { return torn_; }
  // Where the last valid record ended.
  std::size_t consumed() const noexcept { return consumed_; }

 private:
  // The record's whole size at `at`; 0 when there is no valid one.
  std::size_t valid_at(std::size_t at) const noexcept;

  std::string_view bytes_;
  std::uint32_t salt_;
  std::size_t at_ = 0;
  std::size_t damaged_ = 0;
  std::size_t torn_ = 0;
  std::size_t consumed_ = 0;
};

}  // namespace orchestra
