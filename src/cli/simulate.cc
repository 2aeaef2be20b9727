#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"
#include "cli/simulation_view.h"
#include "domain/query_class.h"
#include "settings/simulated_policy.h"
#include "settings/values.h"

namespace orchestra::cli {
namespace {

constexpr Micros kPatience = std::chrono::seconds(2);  // work that takes longer shows how far it is
constexpr std::size_t kRows = 15;

void write_texts(JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

void write_rule(JsonWriter& writer, const RankingRule& rule) {
  if (!rule.strategy.empty()) writer.member("strategy", rule.strategy);
  if (!rule.chain.empty()) write_texts(writer, "chain", rule.chain);
  if (!rule.weights) return;
  writer.key("weights").begin_object().member("quality", rule.weights->quality);
  writer.member("latency", rule.weights->latency).member("cost", rule.weights->cost);
  writer.member("resources", rule.weights->resources).end_object();
}

void write_policy(JsonWriter& writer, const SimulatedPolicy& policy) {
  writer.key("policy").begin_object();
  write_rule(writer, policy.usual);
  writer.key("classes").begin_object();
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    if (policy.classes[type].empty()) continue;
    writer.key(kQueryTypeNames[type]).begin_object();
    write_rule(writer, policy.classes[type]);
    writer.end_object();
  }
  writer.end_object().key("providers").begin_object();
  write_texts(writer, "allow", policy.allow);
  write_texts(writer, "deny", policy.deny);
  writer.end_object().member("local_only", policy.local_only);
  if (policy.cost_limit) writer.member("cost_limit_usd", in_usd(*policy.cost_limit));
  writer.end_object();
}

class SimulateCommand final : public Command {
 public:
  SimulateCommand(CLI::App& root, Session& session) : session_(session) {
    app =
        add_command(root, session, "simulate", "Decide past requests again under another policy",
                    "  ai-orchestra simulate --policy cheap.yaml --since 7d\n"
                    "  ai-orchestra simulate --policy cheap.yaml --since 2026-01-02 --until 2026-01-09 --format json\n"
                    "\n"
                    "The policy is YAML. Each key may be left out:\n"
                    "  strategy: cost                  # else every request keeps its own\n"
                    "  weights: { quality: 5, latency: 2, cost: 3, resources: 0 }   # of multi_objective\n"
                    "  chain: [gpt-4o-mini, claude-*]  # of auto: these first, then all others by score\n"
                    "  classes:                        # simple, technical, research, multimedia\n"
                    "    simple: { strategy: cost }\n"
                    "  providers: { allow: [openai, local], deny: [azure] }\n"
                    "  local_only: true\n"
                    "  cost_limit_usd: 0.01");
    app->add_option("-p,--policy", policy_, "The file that holds the policy")->type_name("FILE")->required();
    app->add_option("--since", since_, "From when: 24h or 7d ago (the default), or a time such as 2026-01-02")
        ->type_name("TIME");
    app->add_option("--until", until_, "Until when, in the same way; else now")->type_name("TIME");
    app->add_option("--tenant", tenant_, "Only the requests of this tenant")->type_name("NAME");
    app->add_option("--limit", limit_, "At most so many requests, the earliest first; 100,000 if not given")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000'000).description(""));
  }

  int run() override {
    const auto policy = settings::load_simulated_policy(policy_, session_.environment);
    if (!policy) return session_.misuse(settings::text(policy.error()));
    const auto from = moment("--since", since_), to = moment("--until", until_);
    if (!from) return session_.misuse(from.error().what);
    if (!to) return session_.misuse(to.error().what);
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    started_ = session_.clock.now();
    const auto done = (*api)->stream(
        "/api/v1/simulations", body(*policy, *from, *to), [this](std::string_view bytes) { return take(bytes); }, true);
    if (shown_ >= 0) session_.console.err("\r\x1b[K");
    if (!done) return session_.fail(done.error());
    if (!simulation_.is_object()) {
      return session_.fail({.fault = Fault::kUpstream,
                            .what = "The server stopped before the simulation was finished. Its log says why."});
    }
    if (session_.shared.json()) return session_.print_json(simulation_);
    if (int_of(simulation_, "requests") == 0) {
      session_.console.out(nothing());
      return 0;
    }
    session_.console.out(simulation_text(simulation_, session_.style(), kRows));
    return 0;
  }

 private:
  // A span before now, or the time as the server reads it; empty stays empty.
  Result<std::string> moment(std::string_view option, const std::string& text) const {
    const auto span = settings::parse_duration(text);
    const bool is_time = text.size() >= 10 && text.find_first_not_of("0123456789") != 0;
    const bool is_date = text.size() >= 10 && text[4] == '-';
    if (text.empty() || is_date) return text;
    if (span && span->count() > 0 && !is_time) return format_time(session_.clock.wall() - *span);
    return orchestra::fail(Fault::kInvalid,
                           fmt::format("{}: This must be a duration such as 30m, 24h or 7d, or a time such as "
                                       "2026-01-02 or 2026-01-02T10:00:00Z.",
                                       option));
  }

  std::string body(const SimulatedPolicy& policy, const std::string& from, const std::string& to) const {
    std::string text;
    JsonWriter writer(text);
    writer.begin_object();
    write_policy(writer, policy);
    if (!from.empty()) writer.member("from", from);
    if (!to.empty()) writer.member("to", to);
    if (!tenant_.empty()) writer.member("tenant", tenant_);
    if (limit_) writer.member("limit", *limit_);
    writer.member("stream", true).end_object();
    return text;
  }

  std::string nothing() const {
    const bool ago = until_.empty() && settings::parse_duration(since_).has_value();
    return ago ? fmt::format("Nothing was asked in the last {}.\n", since_) : "Nothing was asked in that time.\n";
  }

  Result<void> take(std::string_view bytes) {
    buffer_ += bytes;
    for (std::size_t end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
      TRY_VOID(take_line(std::string_view(buffer_).substr(0, end)));
      buffer_.erase(0, end + 1);
    }
    return {};
  }

  Result<void> take_line(std::string_view line) {
    TRY(auto value, parse_json(line));
    if (const auto* simulation = find(value, "simulation")) {
      simulation_ = *simulation;
      return {};
    }
    const json::value& progress = member_of(value, "progress");
    if (!progress.is_object()) return orchestra::fail(error_in(500, line));
    show(int_of(progress, "requests"), int_of(progress, "of"));
    return {};
  }

  void show(std::int64_t requests, std::int64_t of) {
    const bool visible = session_.console.err_is_terminal() && !session_.shared.json();
    if (!visible || of <= 0 || session_.clock.now() - started_ < kPatience) return;
    const double percent = 100 * static_cast<double>(requests) / static_cast<double>(of);
    if (static_cast<int>(percent) == shown_) return;
    shown_ = static_cast<int>(percent);
    session_.console.err(
        fmt::format("\r\x1b[K{} {} of {} requests", progress_bar(percent, 30), show_count(requests), show_count(of)));
  }

  Session& session_;
  std::string policy_, since_ = "7d", until_, tenant_, buffer_;
  std::optional<std::int64_t> limit_;
  json::value simulation_;
  TimePoint started_{};
  int shown_ = -1;  // the percentage on the terminal
};

}  // namespace

std::unique_ptr<Command> make_simulate(CLI::App& root, Session& session) {
  return std::make_unique<SimulateCommand>(root, session);
}

}  // namespace orchestra::cli
