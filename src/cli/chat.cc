#include "cli/commands.h"

#include <fmt/format.h>

#include "cli/chat_request.h"

namespace orchestra::cli {
namespace {

constexpr std::string_view kHelp =
    "/model NAME   talk to another model (now: {})\n"
    "/model        name the model\n"
    "/system TEXT  give instructions; they begin a new conversation\n"
    "/reset        forget the conversation\n"
    "/exit         leave (also Ctrl-D)\n"
    "/help         this list\n"
    "A line that ends in '\\' goes on in the next. Ctrl-C cancels the answer or the line.\n";

class ChatCommand final : public Command {
 public:
  ChatCommand(CLI::App& root, Session& session) : session_(session) {
    app = add_command(root, session, "chat", "Talk with a model",
                      "  ai-orchestra chat\n"
                      "  ai-orchestra chat --model local/orchestra-demo\n"
                      "  ai-orchestra chat --system \"Answer in one sentence.\"\n"
                      "Inside, /help lists what can be typed.");
    app->add_option("-m,--model,model", request_.model, "Model, alias or auto (the default)")->type_name("MODEL");
    app->add_option("-s,--system", system_, "Instructions that stand before the conversation")->type_name("TEXT");
    app->add_option("--temperature", request_.temperature, "0 (always the same) to 2 (varied)")
        ->type_name("X")
        ->check(CLI::Range(0.0, 2.0).description(""));
    app->add_option("--max-tokens", request_.max_tokens, "The longest answer, in tokens")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000'000).description(""));
  }

  int run() override {
    auto api = ServerApi::connect(session_);
    if (!api) return session_.misuse(api.error().what);
    if (request_.model.empty()) request_.model = "auto";
    reset();
    const bool greet = session_.console.in_is_terminal() && !session_.shared.json();
    if (greet)
      session_.console.err(session_.err_style().dim(fmt::format("Talking to {}. /help for help.\n", request_.model)));
    int code = 0;
    while (const auto line = read_message()) {
      if (line->empty()) continue;
      if (*line == "/exit" || *line == "/quit" || *line == "/bye") break;
      if (line->starts_with('/')) {
        obey(*line);
      } else {
        // A script that pipes lines in must learn of a failure; a person has seen it.
        code = std::max(code, answer(**api, *line) || greet ? 0 : 1);
      }
    }
    return code;
  }

 private:
  // One message; lines that end in a backslash are joined. Nothing at the end; "" when cancelled.
  std::optional<std::string> read_message() {
    std::string message;
    while (true) {
      bool cancelled = false;
      const bool terminal = session_.console.in_is_terminal();
      const std::string prompt = terminal ? session_.style().bold(message.empty() ? ">>> " : "... ") : "";
      auto line = session_.console.read_line(prompt, cancelled);
      if (!line) return message.empty() ? std::nullopt : std::optional(message);
      if (cancelled) return std::string();
      if (!line->ends_with('\\')) return message + *line;
      line->back() = '\n';
      message += *line;
    }
  }

  void reset() {
    request_.messages.clear();
    if (!system_.empty()) request_.messages.push_back({"system", system_});
  }

  void say(const std::string& text) { session_.console.err(text + "\n"); }

  void obey(const std::string& line) {
    const std::size_t blank = line.find(' ');
    const std::string command = line.substr(0, blank);
    std::string rest = blank == std::string::npos ? "" : line.substr(blank + 1);
    if (command == "/help") {
      session_.console.err(fmt::format(fmt::runtime(kHelp), request_.model));
    } else if (command == "/reset") {
      reset();
      say("The conversation is forgotten.");
    } else if (command == "/model") {
      if (!rest.empty()) request_.model = rest;
      say("Talking to " + printable(request_.model) + ".");
    } else if (command == "/system") {
      system_ = std::move(rest);
      reset();
      say("A new conversation begins.");
    } else {
      say(fmt::format("'{}' is not known. /help lists what is.", printable(command)));
    }
  }

  bool answer(ServerApi& api, const std::string& text) {
    request_.messages.push_back({"user", text});
    ChatAnswer answer;
    const bool json = session_.shared.json();
    const auto show = [&](std::string_view piece) {
      if (!json) session_.console.out(session_.console.out_is_terminal() ? printable(piece) : std::string(piece));
    };
    const auto done = stream_chat(api, request_, show, answer, true);
    if (!json && !answer.text.empty()) session_.console.out("\n");
    if (done || done.error().fault == Fault::kCancelled) {
      if (!done) say(session_.err_style().dim("(cancelled)"));
      // What was said before a cancellation stays part of the conversation.
      request_.messages.push_back({"assistant", answer.text});
      if (answer.text.empty()) request_.messages.resize(request_.messages.size() - 2);
      if (json)
        session_.print_json({{"response", answer.text},
                             {"model_used", answer.model},
                             {"request_id", answer.request_id},
                             {"usage", answer.usage}});
      return true;
    }
    request_.messages.pop_back();  // The failed question can be asked again.
    session_.fail(done.error());
    return false;
  }

  Session& session_;
  std::string system_;
  ChatRequest request_;
};

}  // namespace

std::unique_ptr<Command> make_chat(CLI::App& root, Session& session) {
  return std::make_unique<ChatCommand>(root, session);
}

}  // namespace orchestra::cli
