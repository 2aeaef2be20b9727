// Time as a dependency: code that asks what time it is takes a Clock&.
#pragma once

#include <optional>
#include <string>

#include "base/units.h"

namespace orchestra {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const noexcept = 0;
  virtual WallTime wall() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const noexcept override;
  WallTime wall() const noexcept override;
};

// "2026-01-02T10:00:00.123Z": RFC 3339, UTC, milliseconds.
std::string format_time(WallTime time);
std::optional<std::string> format_time(const std::optional<WallTime>& time);
// Whole seconds since 1970, as OpenAI's `created`.
std::int64_t unix_seconds(WallTime time) noexcept;

}  // namespace orchestra
