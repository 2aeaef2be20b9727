// One command of the program. Each lives in a file of its own; commands.h lists them.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/session.h"

namespace orchestra::cli {

class Command {
 public:
  virtual ~Command() = default;
  // The exit code.
  virtual int run() = 0;
  // The deepest subcommand of this command's tree.
  CLI::App* app = nullptr;
};

// Adds a subcommand with the options that all commands share; `examples` stands at the end of its help.
CLI::App* add_command(CLI::App& parent, Session& session, const std::string& name, const std::string& summary,
                      const std::string& examples);

}  // namespace orchestra::cli
