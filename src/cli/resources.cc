#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/reply.h"
#include "cli/server_api.h"

namespace orchestra::cli {
namespace {

// The least, mean and greatest of one figure.
struct Range {
  double least = 0, sum = 0, greatest = 0;
  int count = 0;

  void add(std::optional<double> value) noexcept {
    if (!value) return;
    least = count == 0 ? *value : std::min(least, *value);
    greatest = count == 0 ? *value : std::max(greatest, *value);
    sum += *value;
    ++count;
  }
  std::string text(std::string_view unit, int places) const {
    if (count == 0) return "not known";
    return fmt::format("{0:.{4}f} to {1:.{4}f}{3}, on average {2:.{4}f}{3}", least, greatest, sum / count, unit,
                       places);
  }
};

class ResourcesCommand final : public Command {
 public:
  ResourcesCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "resources", "Show the server's memory, cores and their pressure",
                      "  ai-orchestra resources\n"
                      "  ai-orchestra resources --hours 24\n"
                      "  ai-orchestra resources --json | jq .current.memoryPressure");
    app->add_option("--hours", hours_, "How far back the history goes, 0.1 to 24")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 24.0).description(""));
  }

  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const auto reply = (*api)->get(fmt::format("/api/v1/ai/resources/metrics?hours={}", hours_));
    if (!reply) return session_.fail(reply.error());
    if (session_.shared.json()) return session_.print_json(*reply);
    show_current(member_of(*reply, "current"));
    show_history(list_of(*reply, "history"));
    return 0;
  }

 private:
  void line(std::string_view label, std::string_view value) {
    session_.console.out(fmt::format("{:<10}{}\n", label, value));
  }

  void show_current(const json::value& now) {
    const auto figure = [&](std::string_view name) { return find_number(now, name).value_or(0); };
    const auto percent = [&](std::string_view name, std::string_view otherwise) {
      const auto value = find_number(now, name);
      return value ? fmt::format("{:.1f} %", *value) : std::string(otherwise);
    };
    line("Memory", fmt::format("{:.1f} of {:.1f} GB used, {:.1f} GB available", figure("usedMemoryGb"),
                               figure("totalMemoryGb"), figure("availableMemoryGb")));
    line("CPU", percent("cpuUsage", "not known yet"));
    line("Swap", percent("swapUsedPercent", "none"));
    line("Pressure", fmt::format("{:.2f}, {}", figure("memoryPressure"), in_colour(text_of(now, "pressureLevel"))));
  }

  std::string in_colour(const std::string& level) const {
    const Style style = session_.style();
    if (level == "critical") return style.red(level);
    return level == "high" ? style.yellow(level) : style.green(level);
  }

  void show_history(const json::array& minutes) {
    if (minutes.empty()) return;
    Range pressure, cores;
    for (const json::value& minute : minutes) {
      pressure.add(find_number(minute, "memoryPressure"));
      cores.add(find_number(minute, "cpuUsage"));
    }
    session_.console.out(fmt::format("\nSince {}, by the minute\n", text_of(minutes.front(), "timestamp")));
    line("Pressure", pressure.text("", 2));
    line("CPU", cores.text(" %", 1));
  }

  Session& session_;
  double hours_ = 1;
};

}  // namespace

std::unique_ptr<Command> make_resources(CLI::App& root, Session& session) {
  return std::make_unique<ResourcesCommand>(root, session);
}

}  // namespace orchestra::cli
