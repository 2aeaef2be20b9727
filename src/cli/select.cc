#include "cli/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"
#include "cli/task_option.h"

namespace orchestra::cli {
namespace {

const std::vector<std::string> kComplexities = {"simple", "moderate", "complex"};
const std::vector<std::string> kPriorities = {"low", "normal", "high", "critical"};
const std::vector<std::string> kQualities = {"basic", "good", "high", "exceptional"};

// README 003's `select` and `route`: which model suits a kind of work, and the same with a prompt that it then answers.
class SelectCommand final : public Command {
 public:
  SelectCommand(CLI::App& root, Session& session, bool route) : session_(session), route_(route) {
    app = route ? add_command(root, session, "route", "Choose a model for a kind of work and ask it",
                              "  ai-orchestra route code_generation \"Write a Python function for fibonacci numbers\"\n"
                              "  ai-orchestra route reasoning \"Is 91 prime?\" --max-tokens 100 --json")
                : add_command(root, session, "select", "Say which model suits a kind of work",
                              "  ai-orchestra select code_generation\n"
                              "  ai-orchestra select reasoning --complexity complex --priority high --json");
    app->add_option("task", task_, "The kind of work: code_generation, reasoning, ...")->type_name("TASK")->required();
    if (route) app->add_option("prompt", prompt_, "What to ask")->type_name("TEXT")->required();
    add_word("--complexity", complexity_, "How hard the work is", kComplexities);
    add_word("--priority", priority_, "How urgent it is", kPriorities);
    add_word("--quality", quality_, "How good it must be", kQualities);
    app->add_option("--cost-limit", cost_limit_, "At most so many dollars per 1,000 tokens")
        ->type_name("USD")
        ->check(CLI::Range(0.0, 1000.0).description(""));
    app->add_option("--max-tokens", max_tokens_, "The longest answer, in tokens")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000'000).description(""));
    if (!route) return;
    app->add_option("--temperature", temperature_, "0 (always the same) to 2 (varied)")
        ->type_name("X")
        ->check(CLI::Range(0.0, 2.0).description(""));
  }

  int run() override {
    if (const auto known = check_task(task_); !known) return session_.misuse(known.error().what);
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const auto reply = (*api)->post(route_ ? "/api/v1/ai/route-request" : "/api/v1/ai/select-model", body());
    if (!reply) return session_.fail(reply.error());
    if (session_.shared.json()) return session_.print_json(*reply);
    route_ ? show_answer(*reply) : show_choice(*reply);
    return 0;
  }

 private:
  void add_word(const std::string& name, std::string& value, const std::string& about,
                const std::vector<std::string>& words) {
    std::string type;
    for (const std::string& word : words) type += (type.empty() ? "" : "|") + word;
    app->add_option(name, value, about)->type_name(type)->check(CLI::IsMember(words).description(""));
  }

  std::string body() const {
    std::string text;
    JsonWriter writer(text);
    writer.begin_object().member("taskType", task_);
    if (route_) writer.member("prompt", prompt_);
    writer.key("requirements").begin_object();
    const auto word = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) writer.member(name, value);
    };
    word("complexity", complexity_);
    word("priority", priority_);
    word("qualityRequirement", quality_);
    if (cost_limit_) writer.member("costLimit", *cost_limit_);
    if (max_tokens_) writer.member("maxTokens", *max_tokens_);
    if (temperature_) writer.member("temperature", *temperature_);
    writer.end_object().end_object();
    return text;
  }

  void show_choice(const json::value& reply) {
    session_.console.out(text_of(reply, "selectedModel") + "\n");
    if (!session_.console.out_is_terminal()) return;
    std::string more = text_of(reply, "reasoning");
    for (const json::value& other : list_of(reply, "alternatives")) {
      if (const auto* name = other.if_string()) more += "\nElse " + printable(std::string_view(*name));
    }
    more += model_text(member_of(reply, "modelInfo")) + machine_text(member_of(reply, "systemMetrics"));
    session_.console.err(session_.err_style().dim(more) + "\n");
  }

  // "\nThe model: speed fast, tier very_good, for code reasoning"; as far as it is known.
  static std::string model_text(const json::value& info) {
    if (!info.is_object()) return {};
    std::vector<std::string> parts;
    for (const auto& [label, key] : {std::pair("speed", "speed"), std::pair("tier", "quality_tier")}) {
      if (const std::string word = text_of(info, key); !word.empty())
        parts.push_back(fmt::format("{} {}", label, word));
    }
    std::string tasks;
    for (const json::value& task : list_of(info, "capabilities")) {
      if (const auto* name = task.if_string()) {
        tasks += (tasks.empty() ? "for " : " ") + printable(std::string_view(*name));
      }
    }
    if (!tasks.empty()) parts.push_back(tasks);
    return parts.empty() ? "" : fmt::format("\nThe model: {}", fmt::join(parts, ", "));
  }

  // "\nThe server: 75 % of the memory taken, 2.5 GB free, CPU 12 %".
  static std::string machine_text(const json::value& metrics) {
    const auto pressure = metrics.is_object() ? find_number(metrics, "memoryPressure") : std::nullopt;
    if (!pressure) return {};
    std::string text = fmt::format("\nThe server: {:.0f} % of the memory taken, {:.1f} GB free", 100 * *pressure,
                                   find_number(metrics, "availableMemoryGb").value_or(0));
    if (const auto cores = find_number(metrics, "cpuUsage")) text += fmt::format(", CPU {:.0f} %", *cores);
    return text;
  }

  void show_answer(const json::value& reply) {
    session_.console.out(text_of(reply, "response") + "\n");
    if (!session_.console.err_is_terminal()) return;
    session_.console.err(
        session_.err_style().dim(fmt::format("answered by {}; why: ai-orchestra explain {}",
                                             text_of(reply, "selectedModel"), text_of(reply, "requestId"))) +
        "\n");
  }

  Session& session_;
  bool route_;
  std::string task_, prompt_, complexity_, priority_, quality_;
  std::optional<double> cost_limit_, temperature_;
  std::optional<int> max_tokens_;
};

}  // namespace

std::unique_ptr<Command> make_select(CLI::App& root, Session& session) {
  return std::make_unique<SelectCommand>(root, session, false);
}

std::unique_ptr<Command> make_route(CLI::App& root, Session& session) {
  return std::make_unique<SelectCommand>(root, session, true);
}

}  // namespace orchestra::cli
