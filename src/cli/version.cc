#include "cli/commands.h"

#include "cli/version.h"

#include <fmt/format.h>

namespace orchestra::cli {
namespace {

class VersionCommand final : public Command {
 public:
  VersionCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "version", "Show the version and the engine's release",
                      "  ai-orchestra version --format json | jq -r .version");
  }
  int run() override {
    if (session_.shared.json()) return session_.print_json({{"version", kVersion}, {"engine", kEngineRelease}});
    session_.console.out(fmt::format("ai-orchestra {} (engine: {})\n", kVersion, kEngineRelease));
    return 0;
  }

 private:
  Session& session_;
};

}  // namespace

std::unique_ptr<Command> make_version(CLI::App& root, Session& session) {
  return std::make_unique<VersionCommand>(root, session);
}

}  // namespace orchestra::cli
