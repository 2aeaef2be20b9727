// One process-wide log. Lines say what happened, where, and what to do; they never hold a key or a prompt.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// Accepts debug, info, warning (or warn) and error, in any case.
Result<Level> parse_level(std::string_view name);

// Until start() is called, lines go to standard error. Thread-safe.
// `folder` empty: standard error only; else also `folder/ai-orchestra.log`, rotated daily, `keep_days` kept.
Result<void> start(Level level, const std::string& folder, int keep_days);
void set_level(Level level) noexcept;
bool enabled(Level level) noexcept;
void write(Level level, std::string_view line);
void flush();

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kDebug)) write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kWarning)) write(Level::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::kError)) write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace orchestra::log
