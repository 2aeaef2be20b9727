// Prometheus metrics: counters, gauges and histograms, rendered in the text exposition format 0.0.4.
// https://prometheus.io/docs/instrumenting/exposition_formats/
//
// A `Metrics` owns every series and lives as long as the process. Looking a series up takes a lock: do it once and keep
// the reference; updating it is one relaxed atomic and may be done from any thread.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/units.h"

namespace orchestra {

class Counter {
 public:
  void add(std::uint64_t by = 1) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t by) noexcept { value_.fetch_add(by, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::int64_t> value_{0};
};

// Latencies in seconds on the wire, microseconds in memory.
class Histogram {
 public:
  static constexpr std::array<std::int64_t, 14> kBoundsMicros = {500,       1'000,     2'500,      5'000,     10'000,
                                                                 25'000,    50'000,    100'000,    250'000,   500'000,
                                                                 1'000'000, 2'500'000, 10'000'000, 60'000'000};
  // What was observed, at one moment; sums of several series are one again.
  struct Counts {
    std::array<std::uint64_t, kBoundsMicros.size() + 1> buckets{};  // not cumulated
    std::uint64_t sum_micros = 0;
    std::uint64_t total() const noexcept;
    Counts& operator+=(const Counts& other) noexcept;
  };

  void observe(Micros value) noexcept;
  Counts counts() const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, kBoundsMicros.size() + 1> buckets_{};
  std::atomic<std::uint64_t> sum_{0};
};

class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  // The series of that name and those labels, made on first use. `help` is taken from the first caller.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {});
  std::string render() const;

  // What the series of a family hold now; nothing for a name that nobody has asked for.
  std::vector<std::pair<Labels, std::uint64_t>> counters(std::string_view name) const;
  std::vector<std::pair<Labels, Histogram::Counts>> histograms(std::string_view name) const;

 private:
  template <class Series>
  struct Family {
    std::string help;
    std::map<Labels, Series*> by_labels;
  };
  template <class Series>
  Series& series(std::map<std::string, Family<Series>, std::less<>>& families, std::deque<Series>& pool,
                 std::string_view name, std::string_view help, const Labels& labels) REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::deque<Counter> counters_ GUARDED_BY(mutex_);
  std::deque<Gauge> gauges_ GUARDED_BY(mutex_);
  std::deque<Histogram> histograms_ GUARDED_BY(mutex_);
  std::map<std::string, Family<Counter>, std::less<>> counter_families_ GUARDED_BY(mutex_);
  std::map<std::string, Family<Gauge>, std::less<>> gauge_families_ GUARDED_BY(mutex_);
  std::map<std::string, Family<Histogram>, std::less<>> histogram_families_ GUARDED_BY(mutex_);
};

// Parts of the exposition, for families that are made of others.
void write_family(std::string& out, std::string_view name, std::string_view help, std::string_view type);
void write_series(std::string& out, std::string_view name, const Metrics::Labels& labels, std::uint64_t value);
void write_series(std::string& out, std::string_view name, const Metrics::Labels& labels, double value);
void write_series(std::string& out, std::string_view name, const Metrics::Labels& labels,
                  const Histogram::Counts& counts);

}  // namespace orchestra
