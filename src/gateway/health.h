// How every model has been doing: breaker, cool-down, success rate and time to first content.
//
// One table per process, shared by the loops without a lock: a cell is a handful of atomics, found by name once per
// catalogue and kept for ever (a model that comes back finds its history). Five failures open a breaker whichever loops
// saw them. `version` moves whenever a selection could come out differently; small drifts do not move it.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "policy/breaker.h"
#include "policy/health_view.h"

namespace orchestra {

class HealthTable;

// One model's health. Thread-safe. Lives as long as its table.
class HealthCell {
 public:
  HealthCell(HealthTable& table, std::string model) : table_(table), model_(std::move(model)) {}
  const std::string& model() const noexcept { return model_; }
  ModelHealth view(TimePoint now) const noexcept;
  BreakerState breaker(TimePoint now) const noexcept;

 private:
  friend class HealthTable;
  friend class HealthPass;
  bool enter(TimePoint now) noexcept;
  void leave(BreakerEvent event, TimePoint now) noexcept;
  void cool_until(Millis when) noexcept;
  void measure(std::optional<Micros> first_content, bool success) noexcept;

  HealthTable& table_;
  const std::string model_;
  alignas(64) std::atomic<Breaker> breaker_{};
  std::atomic<std::int64_t> cool_until_ms_{0};
  std::atomic<std::int32_t> success_permille_{1000};
  std::atomic<std::int64_t> first_content_us_{0};       // 0: never measured
  std::atomic<std::int64_t> told_first_content_us_{0};  // what it was when the version last moved by it
  HealthCell* next_ = nullptr;                          // in the table's bucket; written before the cell is published
};

// One attempt's passage through a model's breaker. Reports once; destroyed without a report it is neutral.
class HealthPass {
 public:
  // Nothing when the breaker stands open.
  static std::optional<HealthPass> enter(HealthCell& cell, const Clock& clock) noexcept;
  HealthPass(HealthPass&& other) noexcept;
  HealthPass& operator=(HealthPass&&) = delete;
  ~HealthPass();

  void content() noexcept;    // the first content came
  void succeeded() noexcept;  // the answer ended well, or its caller left in the middle of it
  // A failure that `counts_against` the model; a rate limit starts a cool-down until its Retry-After; others are
  // neutral.
  void failed(const Error& error) noexcept;

 private:
  HealthPass(HealthCell& cell, const Clock& clock, TimePoint now) noexcept
      : cell_(&cell), clock_(&clock), entered_(now) {}

  HealthCell* cell_;  // null once reported
  const Clock* clock_;
  TimePoint entered_;
  std::optional<Micros> first_content_;
};

class HealthTable {
 public:
  explicit HealthTable(const Clock& clock, BreakerOptions options = {});
  ~HealthTable();
  HealthTable(const HealthTable&) = delete;
  HealthTable& operator=(const HealthTable&) = delete;

  // The cell of that model, made on first use. Thread-safe; the reference is good as long as the table.
  HealthCell& cell(std::string_view model);
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  // The next moment at which a view changes by time alone (a breaker's or a cool-down's end). When it has come,
  // time_changed moves the version and finds the next one; false when another loop did that.
  TimePoint changes_at() const noexcept;
  bool time_changed(TimePoint now) noexcept;
  const BreakerOptions& options() const noexcept { return options_; }

 private:
  friend class HealthCell;
  friend class HealthPass;
  static constexpr std::size_t kBuckets = 1024;
  Millis since_start(TimePoint now) const noexcept;
  void changed() noexcept { version_.fetch_add(1, std::memory_order_acq_rel); }
  void changes_by_time(Millis when) noexcept;

  const TimePoint start_;
  const BreakerOptions options_;
  std::atomic<std::uint64_t> version_{1};
  mutable std::atomic<std::int64_t> changes_at_ms_;
  std::array<std::atomic<HealthCell*>, kBuckets> buckets_{};
};

}  // namespace orchestra
