// What was spent over a span of time, summed by what one asks for. Pure values.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/units.h"
#include "domain/spend.h"

namespace orchestra {

// Counts of latencies in buckets that grow by 2^(1/4), from 64 us to 19 hours: a quantile is off by at most 9.1 %.
class LatencyCounts {
 public:
  static constexpr std::size_t kBuckets = 120;

  void add(Micros value, std::uint64_t times = 1) noexcept { counts_[bucket_of(value)] += times; }
  void add(const LatencyCounts& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  }
  std::uint64_t& operator[](std::size_t bucket) noexcept { return counts_[bucket]; }
  std::uint64_t operator[](std::size_t bucket) const noexcept { return counts_[bucket]; }
  // The value below which the share `q` (0 to 1) of the latencies lies; nothing when there are none.
  std::optional<Micros> quantile(double q) const noexcept;
  // As if every latency lay in the middle of its bucket; nothing when there are none.
  std::optional<Micros> mean() const noexcept;

  // The bucket's lower edge: 64 us * 2^(bucket / 4).
  static Micros lower_edge(std::size_t bucket) noexcept;
  static std::size_t bucket_of(Micros value) noexcept;

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
};

enum class UsageGroup : std::uint8_t { kModel, kProvider, kDay, kTenant, kOutcome };

// Requests that came in at `from` or later and before `to`. An absent filter admits everything.
struct UsageQuery {
  WallTime from;
  WallTime to;
  std::vector<UsageGroup> group_by;  // none: one row for everything
  std::optional<std::string> model;  // as `provider/model`
  std::optional<std::string> provider;
  std::optional<std::string> tenant;
  std::optional<Outcome> outcome;
};

struct UsageSums {
  std::int64_t requests = 0;
  std::int64_t estimated_usage_requests = 0;  // their token counts are our own estimate
  std::int64_t unknown_cost_requests = 0;     // not contained in `cost`
  Usage tokens;                               // `known` has no meaning here
  MicroUsd cost;                              // of the requests whose cost is known
  LatencyCounts latency;                      // interrupted requests have none

  void add(const UsageSums& other) noexcept;
  void add_request(Outcome outcome, const Usage& usage, MicroUsd request_cost, bool cost_known,
                   Micros request_latency) noexcept;
};

// The fields that were not grouped by are empty.
struct UsageRow {
  std::string model, provider, day, tenant;  // day: "2026-01-02", UTC
  std::optional<Outcome> outcome;
  UsageSums sums;
};

struct UsageReport {
  std::vector<UsageRow> rows;  // sorted by day, tenant, provider, model, outcome
  UsageSums total;
};

// Sorts what a query admits into the rows that it groups by.
class UsageGrouping {
 public:
  explicit UsageGrouping(UsageQuery query) : query_(std::move(query)) {}
  // The sums that a request of that time, tenant, model and outcome belongs to; null when a filter refuses it. The span
  // of time is the caller's affair. Valid as long as the grouping.
  UsageSums* find(WallTime at, std::string_view tenant, const ModelId& model, Outcome outcome);
  UsageReport report() const;

 private:
  using Key = std::tuple<std::int64_t, std::string, std::string, std::string, int>;  // in the order of the rows
  UsageQuery query_;
  std::map<Key, UsageSums> sums_;
};

}  // namespace orchestra
