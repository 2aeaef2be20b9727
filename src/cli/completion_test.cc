#include "cli/completion_scripts.h"

#include <cstdio>

#include "cli/test_fixture.h"
#include "settings/fake_folder.h"

namespace orchestra::cli {
namespace {

using testing::HasSubstr;

// What a shell command prints, and its exit code.
std::pair<int, std::string> shell(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, ""};
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  return {pclose(pipe), out};
}

bool installed(const std::string& program) {
  return shell("command -v " + program).first == 0;
}

TEST_F(CliTest, BashCompletionCompletes) {
  if (!installed("bash")) GTEST_SKIP() << "bash is not installed";
  ASSERT_EQ(run({"completion", "bash"}), 0);
  settings::FakeFolder folder;
  const std::string script = folder.write("completion.bash", console.printed);
  const auto [code, problems] = shell("bash -n " + script);
  EXPECT_EQ(code, 0) << problems;
  const auto complete = [&](const std::string& words) {
    const std::string test = folder.write(
        "test.bash",
        fmt::format("ai-orchestra() {{ echo local/demo; echo openai/gpt-4o; echo ollama/llama3.2:8b; }}\nsource {}\n"
                    "COMP_WORDS=({})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n_ai_orchestra 2>/dev/null\n"
                    "printf '%s ' \"${{COMPREPLY[@]}}\"\n",
                    script, words));
    return shell("bash " + test).second;
  };
  EXPECT_EQ(complete("ai-orchestra mod"), "models ");
  EXPECT_THAT(complete("ai-orchestra ''"), HasSubstr("serve query chat models select route ps load unload health"));
  EXPECT_EQ(complete("ai-orchestra config ch"), "check ");
  EXPECT_EQ(complete("ai-orchestra query --mod"), "--model ");
  EXPECT_EQ(complete("ai-orchestra query --model loc"), "local/demo ");
  EXPECT_EQ(complete("ai-orchestra load ope"), "openai/gpt-4o ");
  EXPECT_EQ(complete("ai-orchestra query -m ollama/llama3.2"), "ollama/llama3.2:8b ");
  EXPECT_EQ(complete("ai-orchestra query -m ollama/llama3.2 : 8"), "8b ") << "as bash splits it";
  EXPECT_EQ(complete("ai-orchestra load ollama/llama3.2 : ''"), "8b ");
  EXPECT_EQ(complete("ai-orchestra --url http : //x mod"), "models ");
  EXPECT_EQ(complete("ai-orchestra usage --by ''"), "model provider day ");
  EXPECT_EQ(complete("ai-orchestra models --best-for code_g"), "code_generation ");
  EXPECT_EQ(complete("ai-orchestra ps --format ''"), "text json ");
  EXPECT_EQ(complete("ai-orchestra completion z"), "zsh ");
  EXPECT_THAT(complete("ai-orchestra config check --"), HasSubstr("--verbose"));
}

TEST_F(CliTest, ZshCompletionParses) {
  ASSERT_EQ(run({"completion", "zsh"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("'models:List the models, or find the best one for a task'"));
  EXPECT_THAT(console.printed, HasSubstr("'--model[Model, alias or auto (the default)]:--model:_ai_orchestra_models'"));
  EXPECT_THAT(console.printed, HasSubstr("_ai_orchestra_config_check() {"));
  if (!installed("zsh")) GTEST_SKIP() << "zsh is not installed";
  settings::FakeFolder folder;
  const auto [code, problems] = shell("zsh -n " + folder.write("_ai-orchestra", console.printed));
  EXPECT_EQ(code, 0) << problems;
}

TEST_F(CliTest, FishCompletionParses) {
  ASSERT_EQ(run({"completion", "fish"}), 0);
  EXPECT_THAT(console.printed, HasSubstr("complete -c ai-orchestra -n '__fish_use_subcommand' -a models -d '"));
  EXPECT_THAT(console.printed, HasSubstr("-n '__fish_seen_subcommand_from usage' -l by -x -a 'model provider day'"));
  EXPECT_THAT(console.printed,
              HasSubstr("-n '__fish_seen_subcommand_from config; and __fish_seen_subcommand_from check'"));
  if (!installed("fish")) GTEST_SKIP() << "fish is not installed";
  settings::FakeFolder folder;
  const auto [code, problems] = shell("fish --no-execute " + folder.write("c.fish", console.printed));
  EXPECT_EQ(code, 0) << problems;
}

TEST_F(CliTest, EveryCommandAndOptionIsInEveryScript) {
  for (const char* name : {"bash", "zsh", "fish"}) {
    ASSERT_EQ(run({"completion", name}), 0);
    for (const char* word : {"explain", "readme-ports", "best-for", "since", "no-stream", "api-key"}) {
      EXPECT_THAT(console.printed, HasSubstr(word)) << name;
    }
  }
  EXPECT_EQ(run({"completion", "powershell"}), 2);
  EXPECT_EQ(run({"completion"}), 2);
}

}  // namespace
}  // namespace orchestra::cli
