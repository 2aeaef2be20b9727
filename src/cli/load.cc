#include "cli/commands.h"

#include <fmt/format.h>

#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"

namespace orchestra::cli {
namespace {

// Loading and unloading are one command with two verbs.
class LoadCommand final : public Command {
 public:
  LoadCommand(CLI::App& root, Session& session, bool load) : session_(session), load_(load) {
    app = load ? add_command(root, session, "load", "Load a local model into memory",
                             "  ai-orchestra load local/orchestra-demo\n  ai-orchestra load llama3.2:8b --format json")
               : add_command(root, session, "unload", "Take a local model out of memory",
                             "  ai-orchestra unload local/orchestra-demo");
    app->add_option("model,--model", model_, "The model, with or without 'local/'")->type_name("MODEL")->required();
  }

  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const std::string path = "/api/models/" + percent_encode(model_);
    const TimePoint started = session_.clock.now();
    const auto reply = (*api)->post_watched(path + (load_ ? "/load" : "/unload"), "{}",
                                            [&] { return watch(**api, path + "/status"); });
    if (!reply) return session_.fail(reply.error());
    if (session_.shared.json()) return session_.print_json(*reply);
    const bool loaded = find_bool(*reply, "loaded").value_or(false);
    if (load_ && !loaded) {
      const std::string why = text_of(*reply, "error");
      return session_.fail(
          {.fault = Fault::kUnavailable, .what = why.empty() ? "The model is not loaded." : why, .code = "not_loaded"});
    }
    const Micros took = std::chrono::duration_cast<Micros>(session_.clock.now() - started);
    const double megabytes =
        find_number(*reply, "memory_usage").value_or(0) + find_number(*reply, "gpu_usage").value_or(0);
    const std::string size =
        load_ && megabytes > 0 ? ", " + show_bytes(static_cast<std::int64_t>(megabytes * 1048576)) : "";
    session_.console.out(
        fmt::format("{} is {} ({}{})\n", printable(model_), load_ ? "loaded" : "unloaded", show_duration(took), size));
    return 0;
  }

 private:
  Task<std::string> watch(ServerApi& api, std::string target) {
    const auto status = co_await api.fetch("GET", std::move(target), "", std::chrono::seconds(5));
    if (!status) co_return std::string();  // Progress is a courtesy: the command itself reports failures.
    const json::value& load = member_of(*status, "load");
    const double percent = load.is_object() ? find_number(load, "percent").value_or(0) : 0;
    co_return fmt::format("{} {} {}", printable(model_), progress_bar(percent, 30),
                          load.is_object() ? text_of(load, "stage") : "");
  }

  Session& session_;
  bool load_;
  std::string model_;
};

}  // namespace

std::unique_ptr<Command> make_load(CLI::App& root, Session& session) {
  return std::make_unique<LoadCommand>(root, session, true);
}

std::unique_ptr<Command> make_unload(CLI::App& root, Session& session) {
  return std::make_unique<LoadCommand>(root, session, false);
}

}  // namespace orchestra::cli
