#include "cli/commands.h"

#include <fmt/format.h>

#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"
#include "settings/values.h"

namespace orchestra::cli {
namespace {

class UsageCommand final : public Command {
 public:
  UsageCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "usage", "Show requests, tokens and cost",
                      "  ai-orchestra usage\n"
                      "  ai-orchestra usage --since 24h --by provider\n"
                      "  ai-orchestra usage --since 30d --by day --format json | jq .total.cost_usd");
    app->add_option("--since", since_, "How far back: 30m, 24h, 7d (the default), 90d")->type_name("TIME");
    app->add_option("--by", by_, "One row per model (the default), provider or day")
        ->type_name("model|provider|day")
        ->check(CLI::IsMember({"model", "provider", "day"}).description(""));
  }

  int run() override {
    const auto since = settings::parse_duration(since_);
    if (!since || since->count() <= 0)
      return session_.misuse("--since: This must be a duration such as 30m, 24h or 7d.");
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const WallTime now = session_.clock.wall();
    const std::string target =
        fmt::format("/api/v1/usage?from={}&to={}&group_by={}", percent_encode(format_time(now - *since)),
                    percent_encode(format_time(now)), by_);
    const auto reply = (*api)->get(target);
    if (!reply) return session_.fail(reply.error());
    if (session_.shared.json()) return session_.print_json(*reply);
    const json::array& rows = list_of(*reply, "rows");
    if (rows.empty()) {
      session_.console.out(fmt::format("Nothing was asked in the last {}.\n", since_));
      return 0;
    }
    session_.console.out(table(rows, member_of(*reply, "total")));
    return 0;
  }

 private:
  static std::string cost(const json::value& row) {
    const auto unknown = int_of(row, "unknown_cost_requests");
    const bool none = unknown > 0 && unknown == int_of(row, "requests");
    if (none) return "unknown";
    const std::string known = show_usd(int_of(row, "cost_micro_usd"));
    return unknown > 0 ? fmt::format("{} + {} unknown", known, show_count(unknown)) : known;
  }

  static std::string tokens(const json::value& row, const std::string& name) {
    const json::value& tokens = member_of(row, "tokens");
    return show_count(tokens.is_object() ? int_of(tokens, name) : int_of(row, name + "_tokens"));
  }

  std::string table(const json::array& rows, const json::value& total) const {
    const Style style = session_.style();
    std::string title = by_;
    for (char& c : title) c = static_cast<char>(c - 32);
    Table table;
    table.column(style.bold(title));
    for (const char* name : {"REQUESTS", "INPUT", "OUTPUT", "COST"})
      table.column(style.bold(name), Table::Side::kRight);
    const auto add = [&](const std::string& key, const json::value& row) {
      table.row({key, show_count(int_of(row, "requests")), tokens(row, "input"), tokens(row, "output"), cost(row)});
    };
    for (const json::value& row : rows) {
      const std::string key = text_of(row, by_);
      add(key.empty() ? "(none)" : key, row);  // refused before a model was chosen
    }
    if (total.is_object()) add(style.bold("total"), total);
    return table.text();
  }

  Session& session_;
  std::string since_ = "7d", by_ = "model";
};

}  // namespace

std::unique_ptr<Command> make_usage(CLI::App& root, Session& session) {
  return std::make_unique<UsageCommand>(root, session);
}

}  // namespace orchestra::cli
