#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace orchestra {
namespace {

std::string render_labels(const Metrics::Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name;
    out += "=\"";
    for (char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }
  return out;
}

std::string braces(const std::string& labels) {
  return labels.empty() ? std::string() : "{" + labels + "}";
}

std::uint64_t value_of(const Counter& counter) noexcept {
  return counter.value();
}
double value_of(const Gauge& gauge) noexcept {
  return static_cast<double>(gauge.value());
}
Histogram::Counts value_of(const Histogram& histogram) noexcept {
  return histogram.counts();
}

template <class Families>
void render_families(std::string& out, const Families& families, std::string_view type) {
  for (const auto& [name, family] : families) {
    write_family(out, name, family.help, type);
    for (const auto& [labels, series] : family.by_labels) write_series(out, name, labels, value_of(*series));
  }
}

template <class Values, class Families>
Values values_of(const Families& families, std::string_view name) {
  Values values;
  const auto family = families.find(name);
  if (family == families.end()) return values;
  for (const auto& [labels, series] : family->second.by_labels) values.emplace_back(labels, value_of(*series));
  return values;
}

}  // namespace

void write_family(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void write_series(std::string& out, std::string_view name, const Metrics::Labels& labels, std::uint64_t value) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braces(render_labels(labels)), value);
}

void write_series(std::string& out, std::string_view name, const Metrics::Labels& labels, double value) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braces(render_labels(labels)), value);
}

void write_series(std::string& out, std::string_view name, const Metrics::Labels& labels,
                  const Histogram::Counts& counts) {
  const std::string shown = render_labels(labels);
  const std::string prefix = shown.empty() ? std::string() : shown + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < Histogram::kBoundsMicros.size(); ++i) {
    total += counts.buckets[i];
    fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"{}\"}} {}\n", name, prefix,
                   static_cast<double>(Histogram::kBoundsMicros[i]) / 1e6, total);
  }
  total += counts.buckets.back();
  fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"+Inf\"}} {}\n", name, prefix, total);
  fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n", name, braces(shown),
                 static_cast<double>(counts.sum_micros) / 1e6);
  fmt::format_to(std::back_inserter(out), "{}_count{} {}\n", name, braces(shown), total);
}

std::uint64_t Histogram::Counts::total() const noexcept {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

Histogram::Counts& Histogram::Counts::operator+=(const Counts& other) noexcept {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  sum_micros += other.sum_micros;
  return *this;
}

Histogram::Counts Histogram::counts() const noexcept {
  Counts counts{.buckets = {}, .sum_micros = sum_.load(std::memory_order_relaxed)};
  for (std::size_t i = 0; i < buckets_.size(); ++i) counts.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
  return counts;
}

void Histogram::observe(Micros value) noexcept {
  const auto micros = std::max<std::int64_t>(value.count(), 0);
  const auto at = std::lower_bound(kBoundsMicros.begin(), kBoundsMicros.end(), micros) - kBoundsMicros.begin();
  buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(static_cast<std::uint64_t>(micros), std::memory_order_relaxed);
}

template <class Series>
Series& Metrics::series(std::map<std::string, Family<Series>, std::less<>>& families, std::deque<Series>& pool,
                        std::string_view name, std::string_view help, const Labels& labels) {
  auto family = families.find(name);
  if (family == families.end()) {
    family = families.emplace(std::string(name), Family<Series>{.help = std::string(help), .by_labels = {}}).first;
  }
  Series*& slot = family->second.by_labels[labels];
  if (slot == nullptr) slot = &pool.emplace_back();
  return *slot;
}

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
  MutexLock lock(mutex_);
  return series(counter_families_, counters_, name, help, labels);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  MutexLock lock(mutex_);
  return series(gauge_families_, gauges_, name, help, labels);
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels) {
  MutexLock lock(mutex_);
  return series(histogram_families_, histograms_, name, help, labels);
}

std::vector<std::pair<Metrics::Labels, std::uint64_t>> Metrics::counters(std::string_view name) const {
  MutexLock lock(mutex_);
  return values_of<std::vector<std::pair<Labels, std::uint64_t>>>(counter_families_, name);
}

std::vector<std::pair<Metrics::Labels, Histogram::Counts>> Metrics::histograms(std::string_view name) const {
  MutexLock lock(mutex_);
  return values_of<std::vector<std::pair<Labels, Histogram::Counts>>>(histogram_families_, name);
}

std::string Metrics::render() const {
  MutexLock lock(mutex_);
  std::string out;
  render_families(out, counter_families_, "counter");
  render_families(out, gauge_families_, "gauge");
  render_families(out, histogram_families_, "histogram");
  return out;
}

}  // namespace orchestra
