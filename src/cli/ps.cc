#include "cli/commands.h"

#include <fmt/format.h>

#include "cli/figures.h"
#include "cli/reply.h"
#include "cli/server_api.h"

namespace orchestra::cli {
namespace {

std::string state_text(const json::value& model) {
  std::string state = text_of(model, "state");
  const json::value& load = member_of(model, "load");
  if (state != "loading" || !load.is_object()) return state;
  const double percent = find_number(load, "percent").value_or(0);
  return fmt::format("loading {:.0f} %", percent);
}

class PsCommand final : public Command {
 public:
  PsCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "ps", "Show the local models in memory",
                      "  ai-orchestra ps\n"
                      "  ai-orchestra ps --format json | jq '.models[].name'");
  }

  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    const auto reply = (*api)->get("/api/ps");
    if (!reply) return session_.fail(reply.error());
    if (session_.shared.json()) return session_.print_json(*reply);
    const json::array& models = list_of(*reply, "models");
    if (models.empty()) session_.console.out("No local model is in memory. One is loaded on first use.\n");
    if (!models.empty()) session_.console.out(table(models));
    devices(list_of(*reply, "devices"));
    return 0;
  }

 private:
  std::string table(const json::array& models) const {
    const Style style = session_.style();
    Table table;
    table.column(style.bold("MODEL"));
    table.column(style.bold("STATE"));
    table.column(style.bold("SIZE"), Table::Side::kRight);
    table.column(style.bold("ON"));
    table.column(style.bold("REQUESTS"), Table::Side::kRight);
    table.column(style.bold("UNTIL"));
    for (const json::value& model : models) {
      const auto size = int_of(model, "size"), gpu = int_of(model, "size_vram");
      std::string on = text_of(model, "device");
      if (on.empty()) on = gpu == 0 ? "cpu" : gpu >= size ? "gpu" : "cpu+gpu";
      const std::string error = text_of(model, "error");
      const std::string until = text_of(model, "expires_at");
      table.row({text_of(model, "model"), state_text(model), show_bytes(size), on, text_of(model, "in_flight"),
                 !error.empty() ? style.red(error) : until});
    }
    return table.text();
  }

  void devices(const json::array& devices) {
    for (const json::value& device : devices) {
      session_.console.out(fmt::format("{}: {} of {} booked, {} free\n", text_of(device, "name"),
                                       show_bytes(int_of(device, "booked")), show_bytes(int_of(device, "budget")),
                                       show_bytes(int_of(device, "free"))));
    }
  }

  Session& session_;
};

}  // namespace

std::unique_ptr<Command> make_ps(CLI::App& root, Session& session) {
  return std::make_unique<PsCommand>(root, session);
}

}  // namespace orchestra::cli
