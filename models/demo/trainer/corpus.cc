#include "corpus.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace demo {
namespace {

bool printable(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

class Checker {
 public:
  Result<void> accept(const Fact& fact) {
    if (!ids_.insert(fact.id).second) return std::unexpected("the id occurs twice");
    if (!printable(fact.answer)) return std::unexpected("the answer is not printable ASCII");
    if (fact.asked.empty()) return std::unexpected("nothing is asked");
    auto wordings = fact.asked;
    if (!fact.held_out.empty()) wordings.push_back(fact.held_out);
    for (const auto& wording : wordings) {
      if (!printable(wording)) return std::unexpected("a wording is not printable ASCII: " + wording);
      if (!wordings_.insert(normalize_question(wording)).second)
        return std::unexpected("a wording occurs twice: " + wording);
    }
    return {};
  }

 private:
  std::set<std::string> ids_;
  std::set<std::string> wordings_;
};

Fact to_fact(const YAML::Node& node, bool counted) {
  Fact fact{.id = node["id"].as<std::string>(),
            .answer = node["answer"].as<std::string>(),
            .asked = node["asked"].as<std::vector<std::string>>(),
            .held_out = node["held_out"].as<std::string>(std::string()),
            .counted = counted};
  return fact;
}

Result<void> read_file(const std::filesystem::path& path, Checker& checker, std::vector<Fact>& facts) {
  const bool counted = path.filename().string().starts_with("facts-");
  try {
    for (const auto& node : YAML::LoadFile(path.string())) {
      Fact fact = to_fact(node, counted);
      if (const auto accepted = checker.accept(fact); !accepted)
        return std::unexpected(path.filename().string() + ": " + fact.id + ": " + accepted.error());
      facts.push_back(std::move(fact));
    }
  } catch (const YAML::Exception& error) {
    return std::unexpected(path.filename().string() + ": " + error.what());
  }
  return {};
}

}  // namespace

Result<std::vector<Fact>> read_corpus(const std::filesystem::path& folder) {
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  if (failure) return std::unexpected(folder.string() + ": " + failure.message());
  std::ranges::sort(files);

  Checker checker;
  std::vector<Fact> facts;
  for (const auto& file : files)
    if (const auto read = read_file(file, checker, facts); !read) return std::unexpected(read.error());
  if (facts.empty()) return std::unexpected(folder.string() + ": no facts");
  return facts;
}

std::string normalize_question(std::string_view question) {
  while (!question.empty() && question.front() == ' ') question.remove_prefix(1);
  while (!question.empty() && question.back() == ' ') question.remove_suffix(1);
  std::string text(question);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace demo
