#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/doctor_checks.h"
#include "cli/reply.h"
#include "cli/server_api.h"
#include "settings/variables.h"

namespace orchestra::cli {
namespace {

class DoctorCommand final : public Command {
 public:
  DoctorCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "doctor", "Find out what is missing or wrong, and how to mend it",
                      "  ai-orchestra doctor\n"
                      "  ai-orchestra doctor --config orchestra.yaml\n"
                      "  ai-orchestra doctor --format json | jq '.findings[] | select(.severity == \"problem\")'\n"
                      "It works while the server is down, and changes nothing.");
    app->add_option("-c,--config", config_, "Configuration file, else config/orchestra.yaml if it is there")
        ->type_name("FILE");
  }

  // 1 when there is a problem; warnings and notes are 0.
  int run() override {
    Findings findings;
    const settings::Settings settings = check_configuration(findings);
    if (!is_sick(findings)) look_where_it_listens(settings);
    check_machine(findings);
    check_gpu(settings, session_.inspectors, findings);
    check_engine(settings, session_.inspectors, findings);
    check_providers(settings, findings);
    check_chains(settings, findings);
    check_ports(settings, check_server(findings), findings);
    check_models(settings, session_.inspectors, findings);
    check_data_dir(settings, findings);
    check_variables(settings, findings);
    session_.shared.json() ? print_json(findings) : print(findings);
    return is_sick(findings) ? 1 : 0;
  }

 private:
  static bool is_sick(const Findings& findings) {
    return std::ranges::any_of(findings, [](const Finding& one) { return one.severity == Severity::kProblem; });
  }

  // Unlike the other commands, this one has read the configuration: without another word the server is there.
  void look_where_it_listens(const settings::Settings& settings) {
    if (!session_.shared.url.empty() || settings::lookup(session_.variables, "ORCHESTRA_URL") != nullptr) return;
    const std::string& host = settings.server.host;
    const bool any = host == "0.0.0.0" || host == "::";
    session_.shared.url = fmt::format("{}://{}:{}", settings.server.tls ? "https" : "http",
                                      any                  ? "localhost"
                                      : host.contains(':') ? "[" + host + "]"
                                                           : host,
                                      settings.server.port);
  }

  settings::Settings check_configuration(Findings& out) {
    auto loaded = settings::load({.config = config_, .environment = session_.environment});
    if (loaded) {
      const std::string file = loaded->file.empty() ? "The environment and the defaults" : loaded->file;
      out.push_back({Severity::kGood, "config", fmt::format("{}: valid.", file), ""});
      return std::move(*loaded);
    }
    for (const auto& problem : loaded.error()) {
      out.push_back({Severity::kProblem, "config", settings::text(problem),
                     "Correct it; 'ai-orchestra config check' checks again."});
    }
    return {};  // The other checks go on with the defaults.
  }

  bool check_server(Findings& out) {
    auto api = ServerApi::connect(session_);
    if (!api) {
      out.push_back({Severity::kProblem, "server", api.error().what, "Correct the address."});
      return false;
    }
    const auto health = (*api)->get("/health");
    if (!health) {
      const bool absent = health.error().code == "server_unreachable";
      out.push_back({absent ? Severity::kNote : Severity::kWarning, "server",
                     absent ? fmt::format("No server runs at {}.", (*api)->url().text()) : health.error().what,
                     absent ? "Start it with 'ai-orchestra serve'." : ""});
      return false;
    }
    const std::string status = text_of(*health, "status");
    const bool good = status == "healthy" || status == "ok";
    out.push_back({good ? Severity::kGood : Severity::kWarning, "server",
                   fmt::format("The server at {} is {}.", (*api)->url().text(), status),
                   good ? "" : "See 'ai-orchestra health --verbose'."});
    return true;
  }

  void print(const Findings& findings) {
    const Style style = session_.style();
    for (const Finding& one : findings) {
      const std::string name = fmt::format("{:<8}", severity_name(one.severity));
      const std::string mark = one.severity == Severity::kGood      ? style.green(name)
                               : one.severity == Severity::kNote    ? style.cyan(name)
                               : one.severity == Severity::kWarning ? style.yellow(name)
                                                                    : style.red(name);
      session_.console.out(fmt::format("{} {:<10} {}\n", mark, one.area, printable(one.what)));
      if (!one.mend.empty()) session_.console.out(fmt::format("{:19} -> {}\n", "", printable(one.mend)));
    }
  }

  void print_json(const Findings& findings) {
    json::array list;
    for (const Finding& one : findings) {
      json::object item = {{"severity", severity_name(one.severity)}, {"area", one.area}, {"message", one.what}};
      if (!one.mend.empty()) item["mend"] = one.mend;
      list.push_back(std::move(item));
    }
    session_.print_json({{"findings", std::move(list)}});
  }

  Session& session_;
  std::optional<std::string> config_;
};

}  // namespace

std::unique_ptr<Command> make_doctor(CLI::App& root, Session& session) {
  return std::make_unique<DoctorCommand>(root, session);
}

}  // namespace orchestra::cli
