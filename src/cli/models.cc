#include "cli/commands.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"
#include "cli/task_option.h"

namespace orchestra::cli {
namespace {

// What a model can do; of an alias, what it stands for.
std::string capabilities(const json::value& model) {
  std::string out;
  for (const json::value& one : list_of(model, "chain")) {
    if (const auto* name = one.if_string()) out += (out.empty() ? "-> " : ", ") + printable(std::string_view(*name));
  }
  for (const json::value& one : list_of(model, "capabilities")) {
    if (const auto* name = one.if_string()) out += (out.empty() ? "" : " ") + printable(std::string_view(*name));
  }
  return out;
}

std::string show_share(const json::value& object, std::string_view key) {
  const auto share = find_number(object, key);
  return share ? fmt::format("{:.1f} %", *share * 100) : "";
}
std::string show_millis(const json::value& object, std::string_view key) {
  const auto millis = find_number(object, key);
  return millis ? show_duration(Micros(std::llround(*millis * 1000))) : "";
}
std::string show_decimal(const json::value& object, std::string_view key, int places) {
  const auto value = find_number(object, key);
  return value ? fmt::format("{:.{}f}", *value, places) : "";
}

// What README 004's registry says of the performance of each model, put beside the models of these ids.
void add_performance(json::array& models, const json::array& registry) {
  std::map<std::string, const json::value*, std::less<>> by_id;
  for (const json::value& one : registry) by_id[text_of(one, "full_id")] = find(one, "performance");
  for (json::value& model : models) {
    const auto found = by_id.find(text_of(model, "id"));
    if (found != by_id.end() && found->second && model.is_object()) model.get_object()["performance"] = *found->second;
  }
}

class ModelsCommand final : public Command {
 public:
  ModelsCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "models", "List the models, or find the best one for a task",
                      "  ai-orchestra models\n"
                      "  ai-orchestra models --provider local\n"
                      "  ai-orchestra models --include-metrics\n"
                      "  ai-orchestra models --best-for code_generation --format json | jq -r .model");
    app->add_option("--best-for", task_, "Name the best model for this task: code_generation, reasoning, ...")
        ->type_name("TASK");
    app->add_option("--provider", provider_, "Only this provider's models; 'local' for this machine's")
        ->type_name("NAME");
    app->add_flag("--include-metrics", metrics_, "Also what was measured of each, or is claimed where nothing was");
    app->add_flag("--ids", ids_, "Print names only, one per line");
  }

  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    if (!task_.empty()) return best(**api);
    const auto reply = (*api)->get("/v1/models");
    if (!reply) return session_.fail(reply.error());
    json::array models;
    for (const json::value& model : list_of(*reply, "data")) {
      if (provider_.empty() || text_of(model, "provider") == provider_) models.push_back(model);
    }
    if (metrics_) {
      const auto registry = (*api)->get("/models");
      if (!registry) return session_.fail(registry.error());
      if (const json::array* list = registry->if_array()) add_performance(models, *list);
    }
    if (session_.shared.json()) {
      const auto total = static_cast<std::int64_t>(models.size());
      return session_.print_json({{"models", std::move(models)}, {"total", total}});
    }
    return ids_ ? names(models) : table(models);
  }

 private:
  int best(ServerApi& api) {
    if (const auto known = check_task(task_); !known) return session_.misuse(known.error().what);
    api.allow_providers(provider_);
    std::string body;
    JsonWriter(body).begin_object().member("task", task_).end_object();
    const auto reply = api.post("/api/v1/select-model", body);
    if (!reply) return session_.fail(reply.error());
    const std::string model = text_of(*reply, "selected_model"), reason = text_of(*reply, "reasoning");
    const json::array& others = list_of(*reply, "alternatives");
    if (session_.shared.json()) {
      return session_.print_json({{"model", model}, {"task", task_}, {"alternatives", others}, {"reason", reason}});
    }
    session_.console.out(model + "\n");
    if (!session_.console.out_is_terminal()) return 0;
    std::string more = reason;
    for (const json::value& other : others) {
      if (const auto* name = other.if_string()) more += "\nElse " + printable(std::string_view(*name));
    }
    session_.console.err(session_.err_style().dim(more) + "\n");
    return 0;
  }

  int names(const json::array& models) {
    for (const json::value& model : models) session_.console.out(text_of(model, "id") + "\n");
    return 0;
  }

  int table(const json::array& models) {
    if (models.empty() && !provider_.empty()) {
      session_.console.out(fmt::format(
          "'{}' offers no models. 'ai-orchestra models' lists all, 'ai-orchestra health --verbose' says how "
          "each provider is.\n",
          printable(provider_)));
      return 0;
    }
    if (models.empty()) {
      session_.console.out(
          "No models yet. Set a provider's key (for example OPENAI_API_KEY), or put a GGUF file into the model folder; "
          "'ai-orchestra doctor' says what is missing.\n");
      return 0;
    }
    session_.console.out(rows(models).text());
    return 0;
  }

  Table rows(const json::array& models) {
    const Style style = session_.style();
    Table table;
    for (const char* title : {"MODEL", "STATE", "STATUS"}) table.column(style.bold(title));
    table.column(style.bold("CONTEXT"), Table::Side::kRight);
    if (metrics_) {
      for (const char* title : {"FIRST TOKEN", "TOKENS/S", "SUCCESS", "QUALITY", "SAMPLES"}) {
        table.column(style.bold(title), Table::Side::kRight);
      }
    }
    table.column(style.bold("CAN"));
    for (const json::value& model : models) {
      const auto context = int_of(model, "context_length");
      const std::string state = text_of(model, "state");
      std::vector<std::string> cells = {text_of(model, "id"), state == "ready" ? style.green(state) : state,
                                        text_of(model, "status"), context > 0 ? show_count(context) : ""};
      if (metrics_) {
        const json::value& measured = member_of(model, "performance");
        cells.insert(cells.end(), {show_millis(measured, "avg_ttft_ms"), show_decimal(measured, "tokens_per_second", 1),
                                   show_share(measured, "success_rate"), show_decimal(measured, "quality_score", 2),
                                   show_decimal(measured, "samples", 0)});
      }
      cells.push_back(capabilities(model));
      table.row(std::move(cells));
    }
    return table;
  }

  Session& session_;
  std::string task_, provider_;
  bool ids_ = false, metrics_ = false;
};

}  // namespace

std::unique_ptr<Command> make_models(CLI::App& root, Session& session) {
  return std::make_unique<ModelsCommand>(root, session);
}

}  // namespace orchestra::cli
