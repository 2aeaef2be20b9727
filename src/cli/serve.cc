#include "cli/commands.h"

namespace orchestra::cli {
namespace {

class ServeCommand final : public Command {
 public:
  ServeCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "serve", "Start the server",
                      "  ai-orchestra serve\n"
                      "  ai-orchestra serve --port 9000 --data-dir /var/lib/orchestra\n"
                      "  ai-orchestra serve --config orchestra.yaml --readme-ports\n"
                      "  ORCHESTRA_API_KEY=... ai-orchestra serve --host 0.0.0.0");
    app->add_option("-c,--config", config_, "Configuration file, else config/orchestra.yaml if it is there")
        ->type_name("FILE");
    app->add_option("-p,--port", port_, "Port, else API_PORT, else 8080")->type_name("PORT");
    app->add_option("--host", host_, "Address, else ORCHESTRATOR_HOST, else localhost; others need an API key")
        ->type_name("HOST");
    app->add_option("-d,--data-dir", data_dir_, "Folder for records, else ./data")->type_name("DIR");
    app->add_flag("--readme-ports", readme_ports_, "Also open 8000, 8001, 8002 and 8008 for clients of other systems");
  }

  int run() override {
    settings::LoadOptions options{
        .config = config_,
        .environment = session_.environment,
        .flags = {.host = host_, .port = port_, .data_dir = data_dir_, .readme_ports = readme_ports_}};
    return session_.serve(options);
  }

 private:
  Session& session_;
  std::optional<std::string> config_, host_, data_dir_;
  std::optional<int> port_;
  bool readme_ports_ = false;
};

}  // namespace

std::unique_ptr<Command> make_serve(CLI::App& root, Session& session) {
  return std::make_unique<ServeCommand>(root, session);
}

}  // namespace orchestra::cli
