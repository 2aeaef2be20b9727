#include "base/log.h"

#include <spdlog/sinks/daily_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace orchestra::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) noexcept {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarning: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

void use_sinks(std::vector<spdlog::sink_ptr> sinks, Level level) {
  auto logger = std::make_shared<spdlog::logger>("ai-orchestra", sinks.begin(), sinks.end());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
  logger->set_level(to_spdlog(level));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

// Standard output belongs to the commands' results, so the log starts on standard error.
const bool kStartedOnStderr = [] {
  use_sinks({std::make_shared<spdlog::sinks::stderr_color_sink_mt>()}, Level::kInfo);
  return true;
}();

}  // namespace

Result<Level> parse_level(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "debug") return Level::kDebug;
  if (lower == "info") return Level::kInfo;
  if (lower == "warning" || lower == "warn") return Level::kWarning;
  if (lower == "error") return Level::kError;
  return fail(Fault::kInvalid, fmt::format("'{}' is no log level; use debug, info, warning or error.", name));
}

Result<void> start(Level level, const std::string& folder, int keep_days) try {
  std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
  if (!folder.empty()) {
    sinks.push_back(std::make_shared<spdlog::sinks::daily_file_sink_mt>(folder + "/ai-orchestra.log", 0, 0, false,
                                                                        static_cast<std::uint16_t>(keep_days)));
  }
  use_sinks(std::move(sinks), level);
  return {};
} catch (const spdlog::spdlog_ex& problem) {
  return fail(Fault::kInternal, fmt::format("The log folder {} cannot be written: {}", folder, problem.what()));
}

void set_level(Level level) noexcept {
  spdlog::default_logger_raw()->set_level(to_spdlog(level));
}

bool enabled(Level level) noexcept {
  return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

void write(Level level, std::string_view line) {
  spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void flush() {
  spdlog::default_logger_raw()->flush();
}

}  // namespace orchestra::log
