#include "cli/commands.h"

#include <fmt/format.h>

#include "cli/chat_request.h"

namespace orchestra::cli {
namespace {

class QueryCommand final : public Command {
 public:
  QueryCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "query", "Ask a model and print its answer",
                      "  ai-orchestra query --prompt \"What is AI Orchestra?\"\n"
                      "  ai-orchestra query -m openai/gpt-4o -p \"Name three rivers\" --max-tokens 50\n"
                      "  git diff | ai-orchestra query --system \"Write a commit message\" --prompt -\n"
                      "  ai-orchestra query -p \"2+2?\" --format json | jq -r .response");
    app->add_option("-p,--prompt,prompt", prompt_, "What to ask; '-' reads it from standard input")
        ->type_name("TEXT")
        ->required();
    app->add_option("-m,--model", request_.model, "Model, alias or auto (the default)")->type_name("MODEL");
    app->add_option("-t,--task", task_, "The kind of work, a hint for auto: code_generation, reasoning, ...")
        ->type_name("TASK");
    app->add_option("-s,--system", system_, "Instructions that stand before the prompt")->type_name("TEXT");
    app->add_option("--max-tokens", request_.max_tokens, "The longest answer, in tokens")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000'000).description(""));
    app->add_option("--temperature", request_.temperature, "0 (always the same) to 2 (varied)")
        ->type_name("X")
        ->check(CLI::Range(0.0, 2.0).description(""));
    app->add_flag("--stream,!--no-stream", stream_, "Print the answer as it comes (the default), or at its end");
  }

  int run() override {
    std::string prompt = prompt_ == "-" ? session_.console.read_all() : prompt_;
    if (prompt.find_first_not_of(" \t\r\n") == std::string::npos) return session_.misuse("The prompt is empty.");
    if (request_.model.empty()) request_.model = "auto";
    if (!system_.empty()) request_.messages.push_back({"system", system_});
    request_.messages.push_back({"user", std::move(prompt)});
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    (*api)->name_task(task_);
    return session_.shared.json() || !stream_ ? whole(**api) : streamed(**api);
  }

 private:
  int whole(ServerApi& api) {
    const auto answer = ask_chat(api, request_);
    if (!answer) return session_.fail(answer.error());
    if (session_.shared.json()) {
      return session_.print_json({{"response", answer->text},
                                  {"model_used", answer->model},
                                  {"finish_reason", answer->finish_reason},
                                  {"request_id", answer->request_id},
                                  {"usage", answer->usage}});
    }
    session_.console.out((session_.console.out_is_terminal() ? printable(answer->text) : answer->text) + "\n");
    return 0;
  }

  int streamed(ServerApi& api) {
    ChatAnswer answer;
    const auto show = [&](std::string_view text) {
      session_.console.out(session_.console.out_is_terminal() ? printable(text) : std::string(text));
    };
    const auto done = stream_chat(api, request_, show, answer, true);
    if (!answer.text.empty() && !answer.text.ends_with('\n')) session_.console.out("\n");
    if (!done) return session_.fail(done.error());
    if (session_.console.err_is_terminal()) {
      const std::string note = fmt::format("answered by {}; why: ai-orchestra explain {}", printable(answer.model),
                                           printable(answer.request_id));
      session_.console.err(session_.err_style().dim(note) + "\n");
    }
    return 0;
  }

  Session& session_;
  std::string prompt_, system_, task_;
  ChatRequest request_;
  bool stream_ = true;
};

}  // namespace

std::unique_ptr<Command> make_query(CLI::App& root, Session& session) {
  return std::make_unique<QueryCommand>(root, session);
}

}  // namespace orchestra::cli
