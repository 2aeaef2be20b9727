#include "domain/usage_report.h"

#include <fmt/format.h>

#include <algorithm>

namespace orchestra {
namespace {

constexpr std::int64_t kSmallest = 64;  // microseconds

// Lower edges of the four buckets of one octave, scaled by 2^32.
constexpr std::array<std::uint64_t, 4> kQuarters = {4294967296, 5107605667, 6074000999, 7223245281};

}  // namespace

Micros LatencyCounts::lower_edge(std::size_t bucket) noexcept {
  if (bucket == 0) return Micros(0);
  // 2^6 us * 2^octave * quarter / 2^32
  const auto octave = static_cast<int>(bucket / 4);
  const auto quarter = kQuarters[bucket % 4];
  return Micros(static_cast<std::int64_t>(octave <= 26 ? quarter >> (26 - octave) : quarter << (octave - 26)));
}

std::size_t LatencyCounts::bucket_of(Micros value) noexcept {
  if (value.count() < kSmallest) return 0;
  const auto micros = static_cast<std::uint64_t>(value.count());
  const auto octave = static_cast<std::size_t>(std::bit_width(micros / kSmallest)) - 1;
  if (octave >= kBuckets / 4) return kBuckets - 1;
  std::size_t bucket = octave * 4;
  while (bucket % 4 < 3 && value >= lower_edge(bucket + 1)) ++bucket;
  return bucket;
}

std::optional<Micros> LatencyCounts::quantile(double q) const noexcept {
  std::uint64_t total = 0;
  for (const auto count : counts_) total += count;
  if (total == 0) return std::nullopt;
  const double wanted = std::clamp(q, 0.0, 1.0) * static_cast<double>(total);
  double below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto here = static_cast<double>(counts_[i]);
    if (here > 0 && below + here >= wanted) {
      const auto low = static_cast<double>(lower_edge(i).count());
      const auto high = static_cast<double>(lower_edge(i + 1).count());
      return Micros(static_cast<std::int64_t>(low + (high - low) * std::clamp((wanted - below) / here, 0.0, 1.0)));
    }
    below += here;
  }
  return lower_edge(kBuckets);
}

std::optional<Micros> LatencyCounts::mean() const noexcept {
  double total = 0, sum = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const auto here = static_cast<double>(counts_[i]);
    total += here;
    sum += here * static_cast<double>((lower_edge(i) + lower_edge(i + 1)).count()) / 2;
  }
  if (total <= 0) return std::nullopt;
  return Micros(static_cast<std::int64_t>(sum / total));
}

void UsageSums::add(const UsageSums& other) noexcept {
  requests += other.requests;
  estimated_usage_requests += other.estimated_usage_requests;
  unknown_cost_requests += other.unknown_cost_requests;
  tokens.input += other.tokens.input;
  tokens.output += other.tokens.output;
  tokens.cached_input += other.tokens.cached_input;
  tokens.cache_write += other.tokens.cache_write;
  tokens.reasoning += other.tokens.reasoning;
  tokens.audio_input += other.tokens.audio_input;
  tokens.audio_output += other.tokens.audio_output;
  cost += other.cost;
  latency.add(other.latency);
}

void UsageSums::add_request(Outcome outcome, const Usage& usage, MicroUsd request_cost, bool cost_known,
                            Micros request_latency) noexcept {
  ++requests;
  if (!usage.known) ++estimated_usage_requests;
  if (cost_known) {
    cost += request_cost;
  } else {
    ++unknown_cost_requests;
  }
  tokens.input += usage.input;
  tokens.output += usage.output;
  tokens.cached_input += usage.cached_input;
  tokens.cache_write += usage.cache_write;
  tokens.reasoning += usage.reasoning;
  tokens.audio_input += usage.audio_input;
  tokens.audio_output += usage.audio_output;
  if (outcome != Outcome::kInterrupted) latency.add(request_latency);
}

UsageSums* UsageGrouping::find(WallTime at, std::string_view tenant, const ModelId& model, Outcome outcome) {
  if (query_.tenant && *query_.tenant != tenant) return nullptr;
  if (query_.model && *query_.model != model.text) return nullptr;
  if (query_.provider && *query_.provider != model.provider()) return nullptr;
  if (query_.outcome && *query_.outcome != outcome) return nullptr;
  Key key{0, {}, {}, {}, -1};
  for (const auto group : query_.group_by) {
    switch (group) {
      case UsageGroup::kDay:
        std::get<0>(key) = std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
        break;
      case UsageGroup::kTenant: std::get<1>(key) = tenant; break;
      case UsageGroup::kProvider: std::get<2>(key) = model.provider(); break;
      case UsageGroup::kModel: std::get<3>(key) = model.text; break;
      case UsageGroup::kOutcome: std::get<4>(key) = static_cast<int>(outcome); break;
    }
  }
  return &sums_[key];
}

UsageReport UsageGrouping::report() const {
  UsageReport report;
  const bool by_day = std::ranges::count(query_.group_by, UsageGroup::kDay) > 0;
  for (const auto& [key, sums] : sums_) {
    const auto& [day, tenant, provider, model, outcome] = key;
    UsageRow row{.model = model, .provider = provider, .tenant = tenant, .sums = sums};
    if (by_day) {
      const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
      row.day = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                            static_cast<unsigned>(date.day()));
    }
    if (outcome >= 0) row.outcome = static_cast<Outcome>(outcome);
    report.total.add(sums);
    report.rows.push_back(std::move(row));
  }
  return report;
}

}  // namespace orchestra
