#include "cli/completion_scripts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/task_option.h"

namespace orchestra::cli {
namespace {

using Values = CompletionOption::Values;

constexpr std::string_view kModelNames = "ai-orchestra models --ids 2>/dev/null";

Values values_of(std::string_view type) {
  if (type == "FILE") return Values::kFiles;
  if (type == "DIR") return Values::kFolders;
  if (type == "MODEL") return Values::kModels;
  return type == "TASK" ? Values::kTasks : Values::kAny;
}

CompletionOption completion_option(const CLI::Option& option) {
  CompletionOption out;
  for (const auto& name : option.get_lnames()) out.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) out.names.push_back("-" + name);
  out.about = option.get_description();
  out.positional = option.get_positional();
  out.takes_value = option.get_items_expected_max() > 0;
  const std::string type = option.get_type_name();
  out.values = values_of(type.substr(0, type.find(':')));
  // A type name such as "text|json" lists its values.
  if (const std::string names = type.substr(0, type.find(':')); names.contains('|')) {
    for (std::size_t at = 0; at <= names.size();) {
      const std::size_t end = std::min(names.find('|', at), names.size());
      out.choices.push_back(names.substr(at, end - at));
      at = end + 1;
    }
  }
  if (out.values == Values::kTasks) out.choices = known_tasks();
  return out;
}

template <class Visit>
void walk(const CompletionNode& node, const Visit& visit) {
  visit(node);
  for (const CompletionNode& child : node.children) walk(child, visit);
}

// Text inside single quotes of a shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash_values(const CompletionOption& option) {
  if (!option.choices.empty())
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", fmt::join(option.choices, " "));
  switch (option.values) {
    case Values::kFiles: return "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Values::kFolders: return "compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Values::kModels: return fmt::format("COMPREPLY=($(compgen -W \"$({})\" -- \"$cur\"))", kModelNames);
    default: return "COMPREPLY=()";
  }
}

// zsh: the action part of an _arguments specification.
std::string zsh_values(const CompletionOption& option) {
  if (!option.choices.empty()) return fmt::format("({})", fmt::join(option.choices, " "));
  switch (option.values) {
    case Values::kFiles: return "_files";
    case Values::kFolders: return "_files -/";
    case Values::kModels: return "_ai_orchestra_models";
    default: return "";
  }
}

std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '[' || c == ']' || c == ':' ? std::string("\\") + c : std::string(1, c);
  return out;
}

std::string zsh_function(const CompletionNode& node) {
  std::string name = "_ai_orchestra" + node.path;
  std::ranges::replace(name, '/', '_');
  return name;
}

std::string zsh_arguments(const CompletionNode& node) {
  std::string out = "  _arguments -C";
  for (const CompletionOption& option : node.options) {
    const std::string value =
        option.takes_value
            ? fmt::format(":{}:{}", option.names.empty() ? "value" : option.names.front(), zsh_values(option))
            : "";
    if (option.positional) {
      out += fmt::format(" \\\n    {}",
                         shell_quoted(fmt::format("::{}:{}", zsh_escaped(option.about), zsh_values(option))));
    }
    for (const std::string& one : option.names) {
      out += fmt::format(" \\\n    {}", shell_quoted(fmt::format("{}[{}]{}", one, zsh_escaped(option.about), value)));
    }
  }
  if (!node.children.empty()) out += " \\\n    '1: :->command' \\\n    '*:: :->rest'";
  return out + "\n";
}

std::string fish_values(const CompletionOption& option) {
  if (!option.choices.empty()) return fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  switch (option.values) {
    case Values::kFiles: return " -r -F";
    case Values::kFolders: return " -x -a '(__fish_complete_directories)'";
    case Values::kModels: return fmt::format(" -x -a '({})'", kModelNames);
    default: return option.takes_value ? " -x" : "";
  }
}

std::string fish_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out;
}

}  // namespace

CompletionNode completion_tree(const CLI::App& app, const std::string& path) {
  CompletionNode node{.path = path, .name = app.get_name(), .about = app.get_description()};
  for (const CLI::Option* option : app.get_options()) node.options.push_back(completion_option(*option));
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.children.push_back(completion_tree(*child, path + "/" + child->get_name()));
  }
  return node;
}

std::string bash_completion(const CompletionNode& root) {
  std::string paths, values, words;
  walk(root, [&](const CompletionNode& node) {
    if (!node.path.empty()) paths += (paths.empty() ? "" : "|") + node.path;
    std::vector<std::string> all;
    std::string positional = "COMPREPLY=()";
    for (const CompletionNode& child : node.children) all.push_back(child.name);
    for (const CompletionOption& option : node.options) {
      all.insert(all.end(), option.names.begin(), option.names.end());
      if (option.positional) positional = bash_values(option);
      if (!option.takes_value || option.names.empty()) continue;
      std::string pattern;
      for (const std::string& name : option.names)
        pattern += fmt::format("{}'{} {}'", pattern.empty() ? "" : "|", node.path, name);
      values += fmt::format("    {}) {}; return ;;\n", pattern, bash_values(option));
    }
    words += fmt::format("    '{}')\n", node.path);
    // A word that begins with '-' is an option; else a subcommand or the positional argument.
    if (node.children.empty() && positional != "COMPREPLY=()") {
      words += fmt::format("      if [[ $cur != -* ]]; then {}; return; fi\n", positional);
    }
    words += fmt::format("      COMPREPLY=($(compgen -W '{}' -- \"$cur\")) ;;\n", fmt::join(all, " "));
  });
  return fmt::format(R"(# bash completion for ai-orchestra. Load it with:  source <(ai-orchestra completion bash)
_ai_orchestra() {{
  # Bash splits words at ':', which names of models hold, and replaces only what stands behind the last one.
  local cur prev word words=()
  for word in "${{COMP_WORDS[@]:0:COMP_CWORD+1}}"; do
    if [[ ${{#words[@]}} -gt 0 && ($word == :* || ${{words[-1]}} == *:) ]]; then words[-1]+=$word; else words+=("$word"); fi
  done
  cur=${{words[-1]}}
  prev=${{words[-2]}}
  COMPREPLY=()
  _ai_orchestra_reply
  if [[ $COMP_WORDBREAKS == *:* ]]; then COMPREPLY=("${{COMPREPLY[@]#"${{cur%"${{cur##*:}}"}}"}}"); fi
}}
_ai_orchestra_reply() {{
  local path="" i
  for ((i = 1; i < ${{#words[@]}} - 1; i++)); do
    case "$path/${{words[i]}}" in
      {}) path+="/${{words[i]}}" ;;
    esac
  done
  case "$path $prev" in
{}  esac
  case "$path" in
{}  esac
}}
complete -F _ai_orchestra ai-orchestra
)",
                     paths, values, words);
}

std::string zsh_completion(const CompletionNode& root) {
  std::string functions;
  walk(root, [&](const CompletionNode& node) {
    functions += fmt::format("{}() {{\n", zsh_function(node));
    if (!node.children.empty()) functions += "  local context state state_descr line\n  typeset -A opt_args\n";
    functions += zsh_arguments(node);
    if (!node.children.empty()) {
      functions += "  case $state in\n    command)\n      local -a commands=(\n";
      for (const auto& child : node.children) {
        functions += fmt::format("        {}\n", shell_quoted(child.name + ":" + zsh_escaped(child.about)));
      }
      functions += "      )\n      _describe command commands ;;\n    rest)\n      case $words[1] in\n";
      for (const auto& child : node.children)
        functions += fmt::format("        {}) {} ;;\n", child.name, zsh_function(child));
      functions += "      esac ;;\n  esac\n";
    }
    functions += "}\n\n";
  });
  return fmt::format(R"zsh(#compdef ai-orchestra
# zsh completion for ai-orchestra. Load it with:  source <(ai-orchestra completion zsh)
# or keep it as a file named _ai-orchestra in a folder of $fpath.

_ai_orchestra_models() {{
  local -a models=(${{(f)"$({})"}})
  compadd -a models
}}

{}if [[ ${{funcstack[1]}} == _ai-orchestra ]]; then
  _ai_orchestra "$@"
else
  compdef _ai_orchestra ai-orchestra
fi
)zsh",
                     kModelNames, functions);
}

std::string fish_completion(const CompletionNode& root) {
  std::string out =
      "# fish completion for ai-orchestra. Load it with:  ai-orchestra completion fish | source\n"
      "complete -c ai-orchestra -f\n";
  walk(root, [&](const CompletionNode& node) {
    std::string condition = "__fish_use_subcommand";
    std::string seen;
    for (std::size_t at = 1; at < node.path.size();) {
      const std::size_t end = std::min(node.path.find('/', at), node.path.size());
      seen +=
          fmt::format("{}__fish_seen_subcommand_from {}", seen.empty() ? "" : "; and ", node.path.substr(at, end - at));
      at = end + 1;
    }
    if (!seen.empty()) condition = seen;
    for (const auto& child : node.children) {
      out += fmt::format("complete -c ai-orchestra -n '{}' -a {} -d '{}'\n", condition, child.name,
                         fish_escaped(child.about));
    }
    for (const auto& option : node.options) {
      std::string names;
      for (const std::string& name : option.names) {
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (option.positional && (option.values != Values::kAny || !option.choices.empty())) {
        out += fmt::format("complete -c ai-orchestra -n '{}'{} -d '{}'\n", condition, fish_values(option),
                           fish_escaped(option.about));
      }
      if (names.empty()) continue;
      out += fmt::format("complete -c ai-orchestra -n '{}'{}{} -d '{}'\n", condition, names, fish_values(option),
                         fish_escaped(option.about));
    }
  });
  return out;
}

}  // namespace orchestra::cli
