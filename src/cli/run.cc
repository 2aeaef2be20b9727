#include "cli/run.h"

#include <unistd.h>

#include <csignal>
#include <fstream>

#include "cli/commands.h"
#include "cli/terminal_console.h"
#include "net/client.h"
#include "settings/dotenv.h"
#include "settings/variables.h"

namespace orchestra::cli {
namespace {

// Where the XDG base directory specification puts it: https://specifications.freedesktop.org/basedir-spec/latest/
std::string history_file(const settings::Variables& variables) {
  if (const auto* state = settings::lookup(variables, "XDG_STATE_HOME")) return *state + "/ai-orchestra/history";
  const auto* home = settings::lookup(variables, "HOME");
  return home == nullptr ? "" : *home + "/.local/state/ai-orchestra/history";
}

// The client finds the server by the same `.env` that the server reads; a bad file is the server's to report.
settings::Variables with_env_file(settings::Variables variables) {
  std::ifstream in(".env", std::ios::binary);
  if (!in) return variables;
  const std::string text(std::istreambuf_iterator<char>(in), {});
  settings::Problems ignored;
  const settings::EnvFile file = settings::parse_env_file(text, ".env", ignored);
  for (const char* name : {"ORCHESTRA_URL", "ORCHESTRATOR_HOST", "API_PORT", "ORCHESTRA_API_KEY"}) {
    const auto found = file.variables.find(name);
    if (found != file.variables.end() && settings::lookup(variables, name) == nullptr) variables[name] = found->second;
  }
  return variables;
}

}  // namespace

int run(int argc, char** argv, Serve serve, Inspectors inspectors) {
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  const settings::Variables process = settings::capture_environment(environ);
  TerminalConsole console(history_file(process));
  const auto make_client = [&](boost::asio::io_context& loop) -> std::unique_ptr<HttpClient> {
    return std::make_unique<net::Client>(loop, net::ClientOptions{}, clock);
  };
  Session session{.console = console,
                  .variables = with_env_file(process),
                  .environment = process,
                  .clock = clock,
                  .make_client = make_client,
                  .serve = std::move(serve),
                  .inspectors = std::move(inspectors)};
  return run_command(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), session);
}

}  // namespace orchestra::cli
