#include "cli/commands.h"

#include <fmt/format.h>

#include "cli/reply.h"
#include "cli/server_api.h"

namespace orchestra::cli {
namespace {

class HealthCommand final : public Command {
 public:
  HealthCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "health", "Ask the server how it is",
                      "  ai-orchestra health\n"
                      "  ai-orchestra health --verbose\n"
                      "  ai-orchestra health --format json | jq -r .status");
    app->add_flag("-V,--verbose", verbose_, "Show every service, component and figure");
  }

  // 0 also when degraded: it answers requests. 1 when unhealthy.
  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const auto reply = (*api)->get("/api/v1/health");
    if (!reply) return session_.fail(reply.error());
    const std::string status = text_of(*reply, "status");
    const int code = status == "unhealthy" ? 1 : 0;
    if (session_.shared.json()) {
      session_.print_json(*reply);
      return code;
    }
    const Style style = session_.style();
    const std::string shown = status == "healthy"    ? style.green(status)
                              : status == "degraded" ? style.yellow(status)
                                                     : style.red(status);
    const json::value& system = member_of(*reply, "system");
    std::string line = fmt::format("{}: {} at {}", text_of(*reply, "service"), shown, (*api)->url().text());
    if (const auto version = text_of(*reply, "version"); !version.empty()) line += ", version " + version;
    if (system.is_object() && !text_of(system, "uptime").empty()) line += ", up " + text_of(system, "uptime");
    session_.console.out(line + "\n");
    if (verbose_) details(*reply, style);
    return code;
  }

 private:
  void details(const json::value& reply, const Style& style) {
    for (const char* part : {"services", "components", "system"}) {
      const json::value& value = member_of(reply, part);
      if (!value.is_object() || value.get_object().empty()) continue;
      session_.console.out(style.bold(part) + "\n");
      tree(value, 1);
    }
  }

  void tree(const json::value& object, std::size_t depth) {
    const std::string indent(2 * depth, ' ');
    for (const auto& [key, value] : object.get_object()) {
      if (value.is_object()) {
        session_.console.out(fmt::format("{}{}\n", indent, printable(std::string_view(key))));
        tree(value, depth + 1);
      } else if (const auto* array = value.if_array()) {
        session_.console.out(
            fmt::format("{}{}{}\n", indent, printable(std::string_view(key)), array->empty() ? ": none" : ""));
        for (const json::value& item : *array) session_.console.out(indent + "  " + item_text(item) + "\n");
      } else {
        session_.console.out(fmt::format("{}{}: {}\n", indent, printable(std::string_view(key)), text_of(object, key)));
      }
    }
  }

  static std::string item_text(const json::value& item) {
    if (!item.is_object())
      return item.is_string() ? printable(std::string_view(item.get_string())) : json::serialize(item);
    std::string out;
    for (const auto& [key, value] : item.get_object()) {
      const std::string shown = text_of(item, key);
      if (key == "name") {
        out = shown + ":" + out;
      } else if (!shown.empty()) {
        out += (key == "state" ? " " : "  ") + shown;
      }
    }
    return out;
  }

  Session& session_;
  bool verbose_ = false;
};

}  // namespace

std::unique_ptr<Command> make_health(CLI::App& root, Session& session) {
  return std::make_unique<HealthCommand>(root, session);
}

}  // namespace orchestra::cli
