// The corpus: what the demo model is taught, and what it is asked without having seen it.
//
// A corpus folder holds YAML files, one per topic. Each is a list of entries:
//
//   - id: start-server
//     answer: "Run make run in the repository."
//     asked:
//       - "How do I start the server?"      # seen in training
//     held_out: "What launches it?"         # never seen in training; optional
//
// Files whose name starts with `facts-` hold facts; the others hold small talk and questions out of scope, which
// are trained but never counted as facts.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace demo {

template <typename T>
using Result = std::expected<T, std::string>;

struct Fact {
  std::string id;
  std::string answer;
  std::vector<std::string> asked;
  std::string held_out;  // empty: nothing is held out
  bool counted = true;   // false: small talk, trained but not scored as a fact
};

// Reads every *.yaml file of the folder in the order of their names. Refuses, with file and entry, what breaks a
// rule: a missing field, an id, wording or held-out wording that occurs twice, text that is not printable ASCII.
Result<std::vector<Fact>> read_corpus(const std::filesystem::path& folder);

// The form in which the chat template hands a question to the model: lower case, without outer blanks.
std::string normalize_question(std::string_view question);

}  // namespace demo
