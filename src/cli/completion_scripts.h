// Shell completion, generated from the tree of commands, so that it can never lag behind.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace orchestra::cli {

// An option or a positional argument, as completion sees it.
struct CompletionOption {
  std::vector<std::string> names;  // "--model", "-m"; empty for what is positional only
  std::string about;
  bool takes_value = false;
  bool positional = false;
  std::vector<std::string> choices;  // the values, when they are known
  enum class Values { kAny, kFiles, kFolders, kModels, kTasks } values = Values::kAny;
};

struct CompletionNode {
  std::string path;  // "", "/config", "/config/check"
  std::string name, about;
  std::vector<CompletionOption> options;
  std::vector<CompletionNode> children;
};

CompletionNode completion_tree(const CLI::App& app, const std::string& path = "");

std::string bash_completion(const CompletionNode& root);
std::string zsh_completion(const CompletionNode& root);
std::string fish_completion(const CompletionNode& root);

}  // namespace orchestra::cli
