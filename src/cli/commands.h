// The list of commands, in the order of the help. A new one is a file and a line here and in commands.cc.
#pragma once

#include <memory>
#include <vector>

#include "cli/command.h"

namespace orchestra::cli {

std::unique_ptr<Command> make_serve(CLI::App& root, Session& session);
std::unique_ptr<Command> make_query(CLI::App& root, Session& session);
std::unique_ptr<Command> make_chat(CLI::App& root, Session& session);
std::unique_ptr<Command> make_models(CLI::App& root, Session& session);
std::unique_ptr<Command> make_select(CLI::App& root, Session& session);
std::unique_ptr<Command> make_route(CLI::App& root, Session& session);
std::unique_ptr<Command> make_ps(CLI::App& root, Session& session);
std::unique_ptr<Command> make_load(CLI::App& root, Session& session);
std::unique_ptr<Command> make_unload(CLI::App& root, Session& session);
std::unique_ptr<Command> make_health(CLI::App& root, Session& session);
std::unique_ptr<Command> make_resources(CLI::App& root, Session& session);
std::unique_ptr<Command> make_usage(CLI::App& root, Session& session);
std::unique_ptr<Command> make_explain(CLI::App& root, Session& session);
std::unique_ptr<Command> make_simulate(CLI::App& root, Session& session);
std::unique_ptr<Command> make_tokens(CLI::App& root, Session& session);
std::unique_ptr<Command> make_doctor(CLI::App& root, Session& session);
std::unique_ptr<Command> make_config(CLI::App& root, Session& session);
std::unique_ptr<Command> make_version(CLI::App& root, Session& session);
std::unique_ptr<Command> make_completion(CLI::App& root, Session& session);

// All of them.
std::vector<std::unique_ptr<Command>> make_commands(CLI::App& root, Session& session);

// Parses and runs; `arguments` without the program's name. What `run` does once the process's own things are gathered.
int run_command(std::vector<std::string> arguments, Session& session);

}  // namespace orchestra::cli
