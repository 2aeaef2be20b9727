#include "gateway/health.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <limits>
#include <utility>

namespace orchestra {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// A provider that names no time after a 429 gets a short rest; one that names a day is asked again sooner.
constexpr Seconds kShortRest{5};
constexpr Seconds kLongestRest{600};
// Beside a whole answer, which takes a good part of a second, it is nothing.
constexpr std::int64_t kSlightUs = 1000;

Seconds whole_seconds(Millis left) noexcept {
  return std::max(Seconds(1), std::chrono::ceil<Seconds>(left));
}

}  // namespace

HealthTable::HealthTable(const Clock& clock, BreakerOptions options)
    : start_(clock.now()), options_(options), changes_at_ms_(kNever) {}

HealthTable::~HealthTable() {
  for (auto& bucket : buckets_) {
    for (HealthCell* cell = bucket.load(); cell != nullptr;) delete std::exchange(cell, cell->next_);
  }
}

HealthCell& HealthTable::cell(std::string_view model) {
  auto& bucket = buckets_[std::hash<std::string_view>{}(model) % kBuckets];
  std::unique_ptr<HealthCell> made;
  HealthCell* head = bucket.load(std::memory_order_acquire);
  for (;;) {
    for (HealthCell* cell = head; cell != nullptr; cell = cell->next_) {
      if (cell->model() == model) return *cell;
    }
    if (!made) made = std::make_unique<HealthCell>(*this, std::string(model));
    made->next_ = head;
    // Another loop may have pushed the same model meanwhile: then `head` is fresh and the search starts again.
    if (bucket.compare_exchange_weak(head, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
      return *made.release();
    }
  }
}

Millis HealthTable::since_start(TimePoint now) const noexcept {
  return std::chrono::duration_cast<Millis>(now - start_);
}

TimePoint HealthTable::changes_at() const noexcept {
  const auto at = changes_at_ms_.load(std::memory_order_acquire);
  return at == kNever ? TimePoint::max() : start_ + Millis(at);
}

bool HealthTable::time_changed(TimePoint now) noexcept {
  auto at = changes_at_ms_.load(std::memory_order_acquire);
  if (since_start(now).count() < at) return false;
  // Whoever takes the moment away looks for the next one.
  if (!changes_at_ms_.compare_exchange_strong(at, kNever, std::memory_order_acq_rel)) return false;
  for (auto& bucket : buckets_) {
    for (HealthCell* cell = bucket.load(std::memory_order_acquire); cell != nullptr; cell = cell->next_) {
      const auto opens_at = breaker_opens_at(cell->breaker_.load(std::memory_order_acquire), options_);
      if (opens_at && *opens_at > since_start(now)) changes_by_time(*opens_at);
      const Millis cool(cell->cool_until_ms_.load(std::memory_order_acquire));
      if (cool > since_start(now)) changes_by_time(cool);
    }
  }
  changed();
  return true;
}

void HealthTable::changes_by_time(Millis when) noexcept {
  auto at = changes_at_ms_.load(std::memory_order_acquire);
  while (when.count() < at && !changes_at_ms_.compare_exchange_weak(at, when.count(), std::memory_order_acq_rel)) {
  }
}

ModelHealth HealthCell::view(TimePoint now) const noexcept {
  const Millis at = table_.since_start(now);
  const Breaker breaker = breaker_.load(std::memory_order_acquire);
  ModelHealth health{.breaker = breaker_state(breaker, at, table_.options()),
                     .admits = breaker_admits(breaker, at, table_.options()),
                     .success_permille = success_permille_.load(std::memory_order_relaxed)};
  const auto opens_at = breaker_opens_at(breaker, table_.options());
  if (opens_at && *opens_at > at) health.opens_in = whole_seconds(*opens_at - at);
  const Millis cool(cool_until_ms_.load(std::memory_order_acquire));
  if (cool > at) health.cooling = whole_seconds(cool - at);
  const auto first_content = first_content_us_.load(std::memory_order_relaxed);
  if (first_content > 0) health.first_content = Micros(first_content);
  return health;
}

BreakerState HealthCell::breaker(TimePoint now) const noexcept {
  return breaker_state(breaker_.load(std::memory_order_acquire), table_.since_start(now), table_.options());
}

bool HealthCell::enter(TimePoint now) noexcept {
  const Millis at = table_.since_start(now);
  Breaker breaker = breaker_.load(std::memory_order_acquire);
  for (;;) {
    if (!breaker_admits(breaker, at, table_.options())) return false;
    if (breaker_state(breaker, at, table_.options()) == BreakerState::kClosed) return true;  // nothing to write
    const Breaker after = breaker_entered(breaker, at, table_.options());
    if (breaker_.compare_exchange_weak(breaker, after, std::memory_order_acq_rel)) break;
  }
  table_.changed();
  return true;
}

void HealthCell::leave(BreakerEvent event, TimePoint now) noexcept {
  const Millis at = table_.since_start(now);
  Breaker breaker = breaker_.load(std::memory_order_acquire);
  Breaker after;
  do {
    const bool quiet = breaker.state == 0 &&
                       (event == BreakerEvent::kNeutral || (event == BreakerEvent::kSuccess && breaker.failures == 0));
    if (quiet) return;  // the usual case writes nothing that other loops read
    after = breaker_left(breaker, event, at, table_.options());
  } while (!breaker_.compare_exchange_weak(breaker, after, std::memory_order_acq_rel));
  if (const auto opens_at = breaker_opens_at(after, table_.options())) table_.changes_by_time(*opens_at);
  if (after.state != breaker.state || after.probes != breaker.probes) table_.changed();
}

void HealthCell::cool_until(Millis when) noexcept {
  cool_until_ms_.store(when.count(), std::memory_order_release);
  table_.changes_by_time(when);
  table_.changed();
}

// Two running averages. Concurrent updates may lose one sample, which an average survives.
void HealthCell::measure(std::optional<Micros> first_content, bool success) noexcept {
  const auto rate = success_permille_.load(std::memory_order_relaxed);
  // One in sixteen: some thirty answers decide.
  const auto towards = success ? (1000 - rate + 15) / 16 : -((rate + 15) / 16);
  if (towards != 0) {
    success_permille_.store(rate + towards, std::memory_order_relaxed);
    if ((rate + towards) / 50 != rate / 50) table_.changed();
  }
  if (!first_content) return;
  const auto old = first_content_us_.load(std::memory_order_relaxed);
  const auto fresh = std::max<std::int64_t>(first_content->count(), 1);
  // Ordinary variation is not written: the cache line stays shared, and selections stay as they are.
  if (old > 0 && std::abs(fresh - old) <= old / 4) return;
  const auto next = old == 0 ? fresh : old + (fresh - old) / 8;
  first_content_us_.store(next, std::memory_order_relaxed);
  const auto told = told_first_content_us_.load(std::memory_order_relaxed);
  if (told > 0 && std::abs(next - told) <= std::max(told / 10, kSlightUs)) return;
  told_first_content_us_.store(next, std::memory_order_relaxed);
  table_.changed();
}

std::optional<HealthPass> HealthPass::enter(HealthCell& cell, const Clock& clock) noexcept {
  const TimePoint now = clock.now();
  if (!cell.enter(now)) return std::nullopt;
  return HealthPass(cell, clock, now);
}

HealthPass::HealthPass(HealthPass&& other) noexcept
    : cell_(std::exchange(other.cell_, nullptr)),
      clock_(other.clock_),
      entered_(other.entered_),
      first_content_(other.first_content_) {}

HealthPass::~HealthPass() {
  if (cell_ != nullptr) cell_->leave(BreakerEvent::kNeutral, clock_->now());
}

void HealthPass::content() noexcept {
  if (!first_content_) first_content_ = std::chrono::duration_cast<Micros>(clock_->now() - entered_);
}

void HealthPass::succeeded() noexcept {
  HealthCell* cell = std::exchange(cell_, nullptr);
  if (cell == nullptr) return;
  cell->leave(BreakerEvent::kSuccess, clock_->now());
  cell->measure(first_content_, true);
}

void HealthPass::failed(const Error& error) noexcept {
  HealthCell* cell = std::exchange(cell_, nullptr);
  if (cell == nullptr) return;
  const TimePoint now = clock_->now();
  if (error.fault == Fault::kRateLimited) {
    const Seconds rest = std::min(error.retry_after.value_or(kShortRest), kLongestRest);
    if (rest.count() > 0) cell->cool_until(cell->table_.since_start(now) + rest);
  }
  const bool counts = counts_against(error);
  cell->leave(counts ? BreakerEvent::kFailure : BreakerEvent::kNeutral, now);
  if (counts) cell->measure(std::nullopt, false);
}

}  // namespace orchestra
