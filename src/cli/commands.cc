#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "settings/problem.h"

namespace orchestra::cli {
namespace {

const std::vector<std::string> kFormats = {"text", "json"};

// The subcommand that was parsed last: what the user was typing.
const CLI::App& deepest(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : deepest(*parsed.back());
}

std::string path_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> known_words(const CLI::App& app, bool options) {
  std::vector<std::string> out;
  if (options) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
    }
  } else {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      out.push_back(command->get_name());
    }
  }
  return out;
}

// An argument that nobody expected: the likeliest slip is a misspelt command or option.
std::string unexpected(const CLI::App& root, const std::string& word) {
  const CLI::App& app = deepest(root);
  const bool option = word.starts_with('-');
  const std::vector<std::string> known = known_words(app, option);
  const std::string near = settings::nearest(word.substr(0, word.find('=')), known);
  const bool command = !option && !known.empty();
  std::string out = fmt::format("'{}' is no {} of '{}'.", word,
                                option    ? "option"
                                : command ? "command"
                                          : "argument",
                                path_of(app));
  if (!near.empty()) out += fmt::format(" Did you mean '{}'?", near);
  return out + fmt::format(" Try '{} --help'.", path_of(app));
}

// The format must be known even when the rest of the line is wrong.
bool wants_json(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--json" || arguments[i] == "--format=json") return true;
    if (arguments[i] == "--format" && i + 1 < arguments.size() && arguments[i + 1] == "json") return true;
  }
  return false;
}

// CLI11's own messages end without a full stop.
std::string sentence(std::string text) {
  return !text.empty() && !text.ends_with('.') ? text + "." : text;
}

// They may stand before the command and behind it.
void add_shared_options(CLI::App* app, Session& session) {
  app->add_option("--url", session.shared.url, "The server, else ORCHESTRA_URL, else ORCHESTRATOR_HOST and API_PORT")
      ->type_name("URL")
      ->group("Shared options");
  app->add_option("--api-key", session.shared.api_key, "The key to send, else ORCHESTRA_API_KEY")
      ->type_name("KEY")
      ->group("Shared options");
  app->add_option("--format", session.shared.format, "text, or json for only JSON on standard output")
      ->type_name("text|json")
      ->check(CLI::IsMember(kFormats).description(""))
      ->group("Shared options");
  app->add_flag_callback(
         "--json", [&session] { session.shared.format = "json"; }, "The same as --format json")
      ->group("Shared options");
}

}  // namespace

CLI::App* add_command(CLI::App& parent, Session& session, const std::string& name, const std::string& summary,
                      const std::string& examples) {
  CLI::App* app = parent.add_subcommand(name, summary);
  app->set_help_flag("-h,--help", "Show this help");
  app->get_option("--help")->configurable(false);
  add_shared_options(app, session);
  if (!examples.empty()) app->footer("Examples:\n" + examples);
  return app;
}

std::vector<std::unique_ptr<Command>> make_commands(CLI::App& root, Session& session) {
  std::vector<std::unique_ptr<Command>> out;
  for (auto* make : {make_serve, make_query, make_chat, make_models, make_select, make_route, make_ps, make_load,
                     make_unload, make_health, make_resources, make_usage, make_explain, make_simulate, make_tokens,
                     make_doctor, make_config, make_version, make_completion}) {
    out.push_back(make(root, session));
  }
  return out;
}

int run_command(std::vector<std::string> arguments, Session& session) {
  CLI::App root("AI Orchestra: every model behind one endpoint.", "ai-orchestra");
  root.set_help_flag("-h,--help", "Show this help");
  root.get_formatter()->column_width(30);
  root.footer(
      "Start here:\n"
      "  ai-orchestra serve                            start the server on http://localhost:8080\n"
      "  ai-orchestra query --prompt \"Hello\"           ask a model\n"
      "  ai-orchestra doctor                           find out what is missing\n"
      "'ai-orchestra COMMAND --help' explains a command. Exit codes: 0 done, 1 failed, 2 wrong usage.");
  bool version = false;
  root.add_flag("-v,--version", version, "Show the version");
  add_shared_options(&root, session);
  const auto commands = make_commands(root, session);
  const bool json = wants_json(arguments);
  if (json) session.shared.format = "json";
  if (!arguments.empty() && arguments.front() == "help") arguments.front() = "--help";
  // CLI11 takes the arguments as a stack. https://cliutils.github.io/CLI11/book/
  std::ranges::reverse(arguments);
  try {
    root.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& app = deepest(root);
    session.console.out(app.help(app.get_parent() == nullptr ? "" : path_of(*app.get_parent())));
    return 0;
  } catch (const CLI::ExtrasError&) {
    return session.misuse(unexpected(root, root.remaining(true).front()));
  } catch (const CLI::ParseError& error) {
    return session.misuse(fmt::format("{} Try '{} --help'.", sentence(error.what()), path_of(deepest(root))));
  }
  for (const auto& command : commands) {
    if (command->app->parsed()) {
      if (version) break;
      return command->run();
    }
  }
  if (version)
    return std::ranges::find(commands, "version", [](const auto& c) { return c->app->get_name(); })->get()->run();
  const CLI::App& app = deepest(root);
  if (&app != &root)
    return session.misuse(fmt::format("'{}' needs a command. Try '{} --help'.", path_of(app), path_of(app)));
  session.console.out(root.help());
  return 0;
}

}  // namespace orchestra::cli
