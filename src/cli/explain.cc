#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"

namespace orchestra::cli {
namespace {

constexpr int kTimelineWidth = 32;

// "   ####     ": when an attempt ran within the whole request.
std::string timeline(std::int64_t started, std::int64_t took, std::int64_t whole) {
  const double scale = static_cast<double>(kTimelineWidth) / static_cast<double>(std::max<std::int64_t>(whole, 1));
  const int from = std::clamp(static_cast<int>(static_cast<double>(started) * scale), 0, kTimelineWidth - 1);
  const int length =
      std::clamp(static_cast<int>(std::lround(static_cast<double>(took) * scale)), 1, kTimelineWidth - from);
  std::string bar(static_cast<std::size_t>(kTimelineWidth), '.');
  std::fill_n(bar.begin() + from, length, '#');
  return bar;
}

// The duration under `name` + "_us" or `name` + "_ms".
std::optional<std::int64_t> micros_of(const json::value& object, const std::string& name) {
  if (const auto micros = find_int(object, name + "_us")) return micros;
  const auto millis = find_number(object, name + "_ms");
  return millis ? std::optional(static_cast<std::int64_t>(std::llround(*millis * 1000))) : std::nullopt;
}

std::string cost_text(const json::value& decision) {
  const auto micro = find_int(decision, "cost_micro_usd");
  return micro ? show_usd(*micro) : "unknown";
}

class ExplainCommand final : public Command {
 public:
  ExplainCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "explain", "Say why a request was answered by that model",
                      "  ai-orchestra explain req_01J9ZK3V6T8Q2W4E5R6T7Y8U9I\n"
                      "  curl -si localhost:8080/v1/chat/completions -d ... | grep x-request-id");
    app->add_option("request_id", id_, "The x-request-id of an answer")->type_name("REQUEST_ID")->required();
  }

  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const auto reply = (*api)->get("/api/v1/decisions/" + percent_encode(id_));
    if (!reply) return session_.fail(reply.error());
    if (session_.shared.json()) return session_.print_json(*reply);
    summary(*reply);
    considered(list_of(*reply, "considered"));
    verdicts(member_of(*reply, "verdicts"), list_of(*reply, "considered").size());
    const json::value& plan_value = member_of(*reply, "plan");
    plan(plan_value.is_object() ? list_of(plan_value, "order") : list_of(*reply, "plan"));
    attempts(list_of(*reply, "attempts"), micros_of(*reply, "latency").value_or(0));
    return 0;
  }

 private:
  void line(std::string_view label, std::string_view value) {
    if (!value.empty()) session_.console.out(fmt::format("{:<10}{}\n", label, value));
  }

  void title(std::string_view text) { session_.console.out("\n" + session_.style().bold(text) + "\n"); }

  void summary(const json::value& decision) {
    line("Request", text_of(decision, "request_id"));
    line("At", text_of(decision, "at"));
    line("Asked for", fmt::format("{} (rule: {})", text_of(decision, "asked"), text_of(decision, "rule")));
    std::string outcome = text_of(decision, "outcome");
    const std::string model = text_of(decision, "model");
    if (outcome == "failed") outcome += fmt::format(" with status {}", text_of(decision, "status"));
    line("Query", query_text(member_of(decision, "features")));
    line("Cheap", cheap_text(member_of(decision, "features")));
    line("Budget", budget_text(member_of(decision, "plan")));
    const std::string loading = text_of(decision, "loading");
    if (!loading.empty()) line("Loading", loading + ", while others answer");
    line("Outcome", model.empty() ? outcome : fmt::format("{} by {}", outcome, model));
    const json::value& usage = member_of(decision, "usage");
    if (usage.is_object()) {
      const auto count = [&](const std::string& name) {
        return show_count(find(usage, name) != nullptr ? int_of(usage, name) : int_of(usage, name + "_tokens"));
      };
      const bool known = find_bool(decision, "usage_known").value_or(true);
      line("Tokens", fmt::format("{} in, {} out{}", count("input"), count("output"), known ? "" : " (estimated)"));
    }
    line("Cost", cost_text(decision));
    if (const auto took = micros_of(decision, "latency")) line("Took", show_duration(Micros(*took)));
  }

  // "technical (95 %), moderate; ranked by auto".
  static std::string query_text(const json::value& features) {
    if (!features.is_object()) return {};
    const json::value& query = member_of(features, "query");
    std::string text;
    if (query.is_object()) {
      text = fmt::format("{} ({:.0f} %), {}; ", text_of(query, "type"),
                         100 * find_number(query, "confidence").value_or(0), text_of(query, "complexity"));
    }
    return text + "ranked by " + text_of(features, "strategy");
  }

  // "a cheap model suffices for such a query with 85 %"; empty where nothing was predicted.
  static std::string cheap_text(const json::value& features) {
    const json::value& query = features.is_object() ? member_of(features, "query") : features;
    const auto chance = query.is_object() ? find_number(query, "cheap_suffices") : std::nullopt;
    return chance ? fmt::format("a cheap model suffices for such a query with {:.0f} %", 100 * *chance) : "";
  }

  // "5.0 s for the first token, as the query's class says"; empty where the class sets no bound.
  static std::string budget_text(const json::value& plan) {
    const std::int64_t budget = plan.is_object() ? find_int(plan, "budget_us").value_or(0) : 0;
    return budget > 0 ? fmt::format("{} for the first token, as the query's class says", show_duration(Micros(budget)))
                      : "";
  }

  // A term of a candidate's score, as "0.92"; empty for those that were not ranked.
  static std::string term(const json::value& row, const std::string& name) {
    const json::value& contender = member_of(row, "contender");
    const auto value = contender.is_object() ? find_number(contender, name) : std::nullopt;
    return value ? fmt::format("{:.2f}", *value) : "";
  }

  // How many of a large catalogue each verdict was given to, where the table does not show all.
  void verdicts(const json::value& counts, std::size_t shown) {
    if (!counts.is_object()) return;
    std::int64_t all = 0;
    std::string text;
    for (const auto& member : counts.get_object()) {
      const std::int64_t count = member.value().is_int64() ? member.value().get_int64() : 0;
      all += count;
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", std::string_view(member.key()), count);
    }
    if (all > static_cast<std::int64_t>(shown)) {
      session_.console.out(fmt::format("  ... of {} models: {}\n", all, text));
    }
  }

  void considered(const json::array& rows) {
    if (rows.empty()) return;
    title("Candidates");
    const Style style = session_.style();
    Table table;
    table.column("MODEL");
    table.column("VERDICT");
    table.column("SCORE", Table::Side::kRight);
    const bool ranked =
        std::ranges::any_of(rows, [](const json::value& row) { return find(row, "contender") != nullptr; });
    if (ranked) {
      for (const char* name : {"QUALITY", "SUCCESS", "LATENCY", "COST", "ROOM"})
        table.column(name, Table::Side::kRight);
    }
    table.column("REASON");
    for (const json::value& row : rows) {
      const std::string verdict = text_of(row, "verdict");
      const auto score = find_number(row, "score");
      std::vector<std::string> cells{text_of(row, "model"),
                                     verdict == "chosen" ? style.green(verdict) : style.yellow(verdict),
                                     score ? fmt::format("{:.2f}", *score) : ""};
      if (ranked) {
        for (const char* name : {"quality", "success", "latency", "cost", "resources"})
          cells.push_back(term(row, name));
      }
      cells.push_back(text_of(row, "reason"));
      table.row(std::move(cells));
    }
    session_.console.out(table.text(2));
  }

  void plan(const json::array& rows) {
    if (rows.empty()) return;
    title("Plan, in this order");
    Table table;
    table.column("#", Table::Side::kRight);
    table.column("MODEL");
    table.column("FORM");
    table.column("EXPECTED", Table::Side::kRight);
    table.column("RESERVED", Table::Side::kRight);
    int number = 0;
    for (const json::value& row : rows) {
      const bool priced = find_int(row, "reserve_micro_usd").has_value();
      table.row({fmt::to_string(++number), text_of(row, "model"), text_of(row, "form"),
                 show_duration(Micros(int_of(row, "expected_us"))),
                 priced ? show_usd(int_of(row, "reserve_micro_usd")) : "unknown"});
    }
    session_.console.out(table.text(2));
  }

  void attempts(const json::array& rows, std::int64_t latency) {
    if (rows.empty()) return;
    title("Attempts, in time");
    std::int64_t whole = latency;
    for (const json::value& row : rows) {
      whole = std::max(whole, micros_of(row, "started").value_or(0) + micros_of(row, "took").value_or(0));
    }
    const Style style = session_.style();
    Table table;
    table.column("MODEL");
    table.column(fmt::format("0 {:>{}}", show_duration(Micros(whole)), kTimelineWidth - 2));
    table.column("AT", Table::Side::kRight);
    table.column("TOOK", Table::Side::kRight);
    table.column("OUTCOME");
    for (const json::value& row : rows) {
      const std::string outcome = text_of(row, "outcome"), what = text_of(row, "what");
      const bool good = outcome == "answered";
      const auto started = micros_of(row, "started").value_or(0), took = micros_of(row, "took").value_or(0);
      const std::string bar = timeline(started, took, whole);
      table.row({text_of(row, "model"), good ? style.green(bar) : style.red(bar), "+" + show_duration(Micros(started)),
                 show_duration(Micros(took)), what.empty() ? outcome : fmt::format("{}: {}", outcome, what)});
    }
    session_.console.out(table.text(2));
  }

  Session& session_;
  std::string id_;
};

}  // namespace

std::unique_ptr<Command> make_explain(CLI::App& root, Session& session) {
  return std::make_unique<ExplainCommand>(root, session);
}

}  // namespace orchestra::cli
