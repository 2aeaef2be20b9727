// Simulated time: what happens next, in order. And random numbers that are the same on every machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <random>
#include <vector>

#include "base/fake_clock.h"

namespace orchestra::simulation {

// Events at one moment happen in the order in which they were entered.
class Events {
 public:
  explicit Events(FakeClock& clock) : clock_(clock) {}
  void at(TimePoint when, std::function<void()> what) {
    queue_.push({std::max(when, clock_.now()), entered_++, std::move(what)});
  }
  void after(Micros wait, std::function<void()> what) { at(clock_.now() + wait, std::move(what)); }
  // Until nothing is left, or `end`.
  void run(TimePoint end) {
    while (!queue_.empty() && queue_.top().when <= end) {
      const Event event = queue_.top();
      queue_.pop();
      clock_.advance(std::chrono::duration_cast<Micros>(event.when - clock_.now()));
      event.what();
    }
  }
  TimePoint now() const noexcept { return clock_.now(); }

 private:
  struct Event {
    TimePoint when;
    std::uint64_t number;
    std::function<void()> what;
    bool operator<(const Event& other) const noexcept {
      return when != other.when ? when > other.when : number > other.number;
    }
  };
  FakeClock& clock_;
  std::priority_queue<Event> queue_;
  std::uint64_t entered_ = 0;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t bits() { return engine_(); }
  // In [0, 1).
  double share() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }
  double between(double low, double high) { return low + (high - low) * share(); }
  bool chance(double probability) { return share() < probability; }
  // Between two events of a Poisson process.
  double pause(double per_second) { return -std::log(1.0 - share()) / per_second; }

 private:
  std::mt19937_64 engine_;
};

inline Micros micros(double seconds) noexcept {
  return Micros(static_cast<std::int64_t>(seconds * 1e6));
}

}  // namespace orchestra::simulation
