#include "cli/commands.h"

#include "cli/completion_scripts.h"

namespace orchestra::cli {
namespace {

class CompletionCommand final : public Command {
 public:
  CompletionCommand(CLI::App& root, Session& session) : session_(session), root_(root) {
    app = add_command(root, session, "completion", "Print a shell's completion script",
                      "  source <(ai-orchestra completion bash)                  now\n"
                      "  ai-orchestra completion bash > ~/.local/share/bash-completion/completions/ai-orchestra\n"
                      "  ai-orchestra completion zsh > \"${fpath[1]}/_ai-orchestra\"\n"
                      "  ai-orchestra completion fish > ~/.config/fish/completions/ai-orchestra.fish");
    app->add_option("shell", shell_, "bash, zsh or fish")
        ->type_name("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
        ->required();
  }

  int run() override {
    const CompletionNode tree = completion_tree(root_);
    const std::string script = shell_ == "bash"  ? bash_completion(tree)
                               : shell_ == "zsh" ? zsh_completion(tree)
                                                 : fish_completion(tree);
    if (session_.shared.json()) return session_.print_json({{"shell", shell_}, {"script", script}});
    session_.console.out(script);
    return 0;
  }

 private:
  Session& session_;
  CLI::App& root_;
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion(CLI::App& root, Session& session) {
  return std::make_unique<CompletionCommand>(root, session);
}

}  // namespace orchestra::cli
