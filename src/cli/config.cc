#include "cli/commands.h"

#include <fmt/format.h>

#include "settings/chain_names.h"
#include "settings/diff.h"

namespace orchestra::cli {
namespace {

json::value problem_json(const settings::Problem& problem) {
  json::object out = {{"file", problem.file}, {"key", problem.key}, {"message", problem.what}};
  if (problem.line > 0) out["line"] = problem.line;
  if (problem.column > 0) out["column"] = problem.column;
  if (!problem.nearest.empty()) out["nearest"] = problem.nearest;
  if (!problem.allowed.empty()) out["allowed"] = json::value_from(problem.allowed);
  return out;
}

class ConfigCommand final : public Command {
 public:
  ConfigCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "config", "Check the configuration",
                      "  ai-orchestra config check\n"
                      "  ai-orchestra config check /etc/orchestra.yaml --verbose");
    app->require_subcommand(0, 1);
    check_ = add_command(*app, session, "check", "Check the file, .env and the environment as 'serve' would",
                         "  ai-orchestra config check\n"
                         "  ai-orchestra config check orchestra.yaml --format json | jq '.problems[].line'");
    check_->add_option("file,-c,--config", file_, "The file, else config/orchestra.yaml if it is there")
        ->type_name("FILE");
    check_->add_flag("-V,--verbose", verbose_, "Show every key with its value; keys of providers stay hidden");
  }

  // 2 when something is wrong, as `serve` would.
  int run() override {
    if (!check_->parsed()) return session_.misuse("'config' needs a command: 'ai-orchestra config check [FILE]'.");
    settings::LoadOptions options{.environment = session_.environment};
    if (!file_.empty()) options.config = file_;
    const auto loaded = settings::load(options);
    if (!loaded) return wrong(loaded.error());
    return session_.shared.json() ? right_json(*loaded) : right(*loaded);
  }

 private:
  int wrong(const settings::Problems& problems) {
    if (session_.shared.json()) {
      json::array list;
      for (const auto& problem : problems) list.push_back(problem_json(problem));
      session_.print_json({{"valid", false}, {"problems", std::move(list)}});
      return 2;
    }
    const Style style = session_.err_style();
    for (const auto& problem : problems) session_.console.err(printable(settings::text(problem)) + "\n");
    session_.console.err(style.red(fmt::format("{} {} found; nothing was changed.", problems.size(),
                                               problems.size() == 1 ? "problem" : "problems")) +
                         "\n");
    return 2;
  }

  static std::string source(const settings::Settings& loaded) {
    return loaded.file.empty() ? "the environment and the defaults (no configuration file)" : loaded.file;
  }

  int right_json(const settings::Settings& loaded) {
    json::object values;
    for (const auto& one : settings::effective(loaded)) values[one.key] = one.value;
    json::array unused;
    for (const auto& one : loaded.unused) unused.push_back({{"name", one.name}, {"purpose", one.purpose}});
    json::array strange;
    for (const auto& one : settings::strange_chain_names(loaded)) {
      strange.push_back({{"key", fmt::format("chains.{}", one.chain)}, {"name", one.name}, {"nearest", one.nearest}});
    }
    json::object out = {{"valid", true},
                        {"file", loaded.file},
                        {"unused_variables", std::move(unused)},
                        {"strange_names", std::move(strange)}};
    if (verbose_) out["effective"] = std::move(values);
    return session_.print_json(out);
  }

  int right(const settings::Settings& loaded) {
    if (verbose_) {
      for (const auto& one : settings::effective(loaded))
        session_.console.out(fmt::format("{}: {}\n", one.key, one.value));
    }
    for (const auto& one : loaded.unused) {
      session_.console.err(fmt::format("Note: {} is set but not used yet ({}).\n", one.name, one.purpose));
    }
    for (const auto& one : settings::strange_chain_names(loaded)) {
      session_.console.err(fmt::format("Note: {}\n", printable(settings::text(one, loaded))));
    }
    session_.console.out(session_.style().green("Valid: ") + source(loaded) + "\n");
    return 0;
  }

  Session& session_;
  CLI::App* check_ = nullptr;
  std::string file_;
  bool verbose_ = false;
};

}  // namespace

std::unique_ptr<Command> make_config(CLI::App& root, Session& session) {
  return std::make_unique<ConfigCommand>(root, session);
}

}  // namespace orchestra::cli
