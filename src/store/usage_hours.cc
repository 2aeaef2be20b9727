#include "store/usage_hours.h"

#include <fmt/format.h>

namespace orchestra {
namespace {

constexpr std::size_t kMostCached = 4096;

}  // namespace

std::string encode_latency(const LatencyCounts& counts) {
  std::string bytes;
  for (std::size_t i = 0; i < LatencyCounts::kBuckets; ++i) {
    auto count = counts[i];
    if (count == 0) continue;
    bytes += static_cast<char>(i);
    for (; count >= 128; count >>= 7) bytes += static_cast<char>((count & 127) | 128);
    bytes += static_cast<char>(count);
  }
  return bytes;
}

LatencyCounts decode_latency(std::string_view bytes) noexcept {
  LatencyCounts counts;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto bucket = static_cast<unsigned char>(bytes[at++]);
    std::uint64_t count = 0;
    for (int shift = 0; at < bytes.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      count |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) break;
    }
    if (bucket < LatencyCounts::kBuckets) counts[bucket] += count;
  }
  return counts;
}

Result<UsageHours> UsageHours::prepare(Database& database) {
  UsageHours hours;
  TRY(hours.select_, database.prepare(fmt::format("SELECT {} FROM usage_hours WHERE hour = ? AND tenant = ? AND "
                                                  "model = ? AND outcome = ?",
                                                  kSumColumns)));
  TRY(hours.replace_,
      database.prepare(fmt::format("INSERT OR REPLACE INTO usage_hours (hour, tenant, model, outcome, {}) VALUES "
                                   "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   kSumColumns)));
  return hours;
}

Result<UsageHours::Sums*> UsageHours::find(const Key& key) {
  if (last_ != nullptr && key == last_key_) return last_;
  auto found = hours_.find(key);
  if (found == hours_.end()) {
    select_.bind(1, key.hour);
    select_.bind(2, key.tenant);
    select_.bind(3, key.model);
    select_.bind(4, key.outcome);
    TRY(const bool exists, select_.step());
    Sums sums;
    if (exists) sums.sums = read_sums(select_, 0);
    select_.reset();
    found = hours_.emplace(key, sums).first;
  }
  last_key_ = key;
  last_ = &found->second;
  return last_;
}

Result<void> UsageHours::add(const BookedRow& row) {
  TRY(Sums * sums, find({.hour = row.opened.at.time_since_epoch().count() / kHourMicros,
                         .tenant = row.opened.tenant,
                         .model = row.model,
                         .outcome = static_cast<std::int64_t>(row.outcome)}));
  sums->sums.add_request(row.outcome, row.usage, row.cost, row.cost_known, row.latency);
  sums->dirty = true;
  return {};
}

Result<void> UsageHours::save() {
  for (auto& [key, entry] : hours_) {
    if (!entry.dirty) continue;
    const UsageSums& sums = entry.sums;
    int index = 0;
    for (const auto value : {key.hour, key.tenant, key.model, key.outcome, sums.requests, sums.estimated_usage_requests,
                             sums.unknown_cost_requests, sums.tokens.input.count, sums.tokens.output.count,
                             sums.tokens.cached_input.count, sums.tokens.cache_write.count, sums.tokens.reasoning.count,
                             sums.tokens.audio_input.count, sums.tokens.audio_output.count, sums.cost.count}) {
      replace_.bind(++index, value);
    }
    const auto latency = encode_latency(sums.latency);
    replace_.bind_blob(++index, latency);
    TRY_VOID(replace_.run());
    entry.dirty = false;
  }
  if (hours_.size() > kMostCached) forget();
  return {};
}

void UsageHours::forget() noexcept {
  hours_.clear();
  last_ = nullptr;
}

UsageSums read_sums(const Statement& row, int column) noexcept {
  UsageSums sums;
  sums.requests = row.integer(column);
  sums.estimated_usage_requests = row.integer(column + 1);
  sums.unknown_cost_requests = row.integer(column + 2);
  sums.tokens.input = Tokens(row.integer(column + 3));
  sums.tokens.output = Tokens(row.integer(column + 4));
  sums.tokens.cached_input = Tokens(row.integer(column + 5));
  sums.tokens.cache_write = Tokens(row.integer(column + 6));
  sums.tokens.reasoning = Tokens(row.integer(column + 7));
  sums.tokens.audio_input = Tokens(row.integer(column + 8));
  sums.tokens.audio_output = Tokens(row.integer(column + 9));
  sums.cost = MicroUsd(row.integer(column + 10));
  sums.latency = decode_latency(row.blob(column + 11));
  return sums;
}

}  // namespace orchestra
