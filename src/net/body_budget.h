// A process-wide bound on buffered request bodies. One atomic, shared by every loop's server.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "base/units.h"

namespace orchestra::net {

// Thread-safe. Outlives every server that uses it.
class BodyBudget {
 public:
  explicit BodyBudget(Bytes limit) : limit_(limit.count) {}
  bool try_take(std::int64_t bytes) noexcept {
    if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limit_) return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  void give_back(std::int64_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  Bytes used() const noexcept { return Bytes(used_.load(std::memory_order_relaxed)); }

 private:
  const std::int64_t limit_;
  std::atomic<std::int64_t> used_{0};
};

// What one request holds of a budget; gives it back when destroyed.
class BodyReservation {
 public:
  explicit BodyReservation(BodyBudget* budget) : budget_(budget) {}
  BodyReservation(const BodyReservation&) = delete;
  BodyReservation& operator=(const BodyReservation&) = delete;
  ~BodyReservation() { clear(); }
  // Grows to `bytes` in all; false, and nothing taken, when the budget has no room.
  bool grow_to(std::int64_t bytes) noexcept {
    if (budget_ == nullptr || bytes <= held_) return true;
    if (!budget_->try_take(bytes - held_)) return false;
    held_ = bytes;
    return true;
  }
  void clear() noexcept {
    if (budget_ != nullptr && held_ > 0) budget_->give_back(std::exchange(held_, 0));
  }

 private:
  BodyBudget* budget_;
  std::int64_t held_ = 0;
};

}  // namespace orchestra::net
