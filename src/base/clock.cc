#include "base/clock.h"

#include <fmt/format.h>

#include <ctime>

namespace orchestra {

TimePoint SystemClock::now() const noexcept {
  return std::chrono::steady_clock::now();
}

WallTime SystemClock::wall() const noexcept {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

std::string format_time(WallTime time) {
  const auto micros = time.time_since_epoch().count();
  std::time_t seconds = static_cast<std::time_t>(micros / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, micros / 1000 % 1000);
}

std::optional<std::string> format_time(const std::optional<WallTime>& time) {
  return time ? std::optional(format_time(*time)) : std::nullopt;
}

std::int64_t unix_seconds(WallTime time) noexcept {
  return time.time_since_epoch().count() / 1'000'000;
}

}  // namespace orchestra
