#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>

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

void render_series(std::string& out, const std::string& name, const std::string& labels, const Counter& counter) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braces(labels), counter.value());
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const Gauge& gauge) {
  fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, braces(labels), gauge.value());
}

void render_series(std::string& out, const std::string& name, const std::string& labels, const Histogram& histogram) {
  const std::string prefix = labels.empty() ? std::string() : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < Histogram::kBoundsMicros.size(); ++i) {
    total += histogram.bucket(i);
    fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"{}\"}} {}\n", name, prefix,
                   static_cast<double>(Histogram::kBoundsMicros[i]) / 1e6, total);
  }
  total += histogram.bucket(Histogram::kBoundsMicros.size());
  fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"+Inf\"}} {}\n", name, prefix, total);
  fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n", name, braces(labels),
                 static_cast<double>(histogram.sum_micros()) / 1e6);
  fmt::format_to(std::back_inserter(out), "{}_count{} {}\n", name, braces(labels), total);
}

template <class Families>
void render_families(std::string& out, const Families& families, std::string_view type) {
  for (const auto& [name, family] : families) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, type);
    for (const auto& [labels, series] : family.by_labels) render_series(out, name, labels, *series);
  }
}

}  // namespace

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
  Series*& slot = family->second.by_labels[render_labels(labels)];
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

std::string Metrics::render() const {
  MutexLock lock(mutex_);
  std::string out;
  render_families(out, counter_families_, "counter");
  render_families(out, gauge_families_, "gauge");
  render_families(out, histogram_families_, "histogram");
  return out;
}

}  // namespace orchestra
