// A clock that moves only when a test says so.
#pragma once

#include "base/clock.h"

namespace orchestra {

class FakeClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return now_; }
  WallTime wall() const noexcept override { return wall_; }
  void advance(Micros by) {
    now_ += by;
    wall_ += by;
  }

 private:
  TimePoint now_{std::chrono::seconds(1000)};
  WallTime wall_{std::chrono::seconds(1'767'348'000)};  // 2026-01-02T10:00:00Z
};

}  // namespace orchestra
