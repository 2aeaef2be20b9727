// The sums per hour, tenant, model and outcome that are kept beside the rows, so that a report over a year does not
// read every request of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "domain/usage_report.h"
#include "store/spend_join.h"
#include "store/sqlite.h"

namespace orchestra {

inline constexpr std::int64_t kHourMicros = 3'600'000'000;

// The latency column: for each bucket that is not empty one byte of its index and its count as LEB128.
std::string encode_latency(const LatencyCounts& counts);
LatencyCounts decode_latency(std::string_view bytes) noexcept;

// Inside a transaction: add() every row that was really inserted, then save(). After a rollback: forget().
class UsageHours {
 public:
  static Result<UsageHours> prepare(Database& database);
  Result<void> add(const BookedRow& row);
  Result<void> save();
  void forget() noexcept;

 private:
  struct Key {
    std::int64_t hour = 0, tenant = 0, model = 0, outcome = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return static_cast<std::uint64_t>((key.hour << 36) ^ (key.tenant << 20) ^ (key.model << 4) ^ key.outcome) *
             0x9E3779B97F4A7C15ULL;
    }
  };
  struct Sums {
    UsageSums sums;
    bool dirty = false;
  };
  // The sums of that key, read from the database on first use.
  Result<Sums*> find(const Key& key);

  Statement select_, replace_;
  std::unordered_map<Key, Sums, KeyHash> hours_;
  Key last_key_;
  Sums* last_ = nullptr;  // of last_key_: most rows of a batch share it
};

// Columns requests .. latency of usage_hours, starting at `column`.
inline constexpr const char* kSumColumns =
    "requests, estimated_usage, unknown_cost, input, output, cached_input, cache_write, reasoning, audio_input, "
    "audio_output, cost, latency";
UsageSums read_sums(const Statement& row, int column) noexcept;

}  // namespace orchestra
