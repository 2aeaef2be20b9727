// Trains the query classifier on models/classifier/queries and measures it by five-fold cross-validation over families.
//
//   classifier-train FOLDER          writes FOLDER/classifier.bin and FOLDER/CARD.md
//   classifier-train --check FOLDER  writes nothing; exit 1 when the held-out accuracy is below 0.92 or the shipped
//   file
//                                    does not know its own queries
//
// Everything is drawn from fixed seeds: the same queries give the same file.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string_view>

#include "policy/classify/classifier.h"
#include "policy/classify/traps.h"
#include "query_set.h"
#include "report.h"

namespace orchestra {
namespace {

constexpr int kFolds = 5;
constexpr double kWanted = 0.92;
constexpr LinearModel::Training kTraining{};

using Label = std::uint8_t (*)(const LabelledQuery&);
std::uint8_t type_label(const LabelledQuery& query) {
  return static_cast<std::uint8_t>(query.type);
}
std::uint8_t complexity_label(const LabelledQuery& query) {
  return static_cast<std::uint8_t>(query.complexity);
}

// Rare labels weigh more, so that none is drowned.
std::vector<LabelledFeatures> examples_of(std::span<const LabelledQuery> queries, Label label) {
  std::array<int, kClasses> counts{};
  for (const LabelledQuery& query : queries) ++counts[label(query)];
  std::vector<LabelledFeatures> examples;
  for (const LabelledQuery& query : queries) {
    const QueryFeatures features(query.text);
    const auto all = features.all();
    const double share = static_cast<double>(counts[label(query)]) * kClasses / static_cast<double>(queries.size());
    examples.push_back({.features = {all.begin(), all.end()},
                        .label = label(query),
                        .weight = static_cast<float>(1.0 / std::sqrt(share))});
  }
  return examples;
}

struct Held {
  std::vector<std::pair<ClassScores, std::uint8_t>> scored;
  std::vector<const LabelledQuery*> queries;
};

// Every query, scored by a model that has seen nothing of its family.
Held hold_out(const std::vector<LabelledQuery>& queries, Label label) {
  Held held;
  for (int fold = 0; fold < kFolds; ++fold) {
    std::vector<LabelledQuery> seen;
    for (const LabelledQuery& query : queries) {
      if (fold_of(query.family, kFolds) != fold) seen.push_back(query);
    }
    const LinearModel model = LinearModel::trained(examples_of(seen, label), kTraining);
    for (const LabelledQuery& query : queries) {
      if (fold_of(query.family, kFolds) != fold) continue;
      held.scored.emplace_back(model.scores(QueryFeatures(query.text).all()), label(query));
      held.queries.push_back(&query);
    }
  }
  return held;
}

void show_mistakes(const Held& held) {
  for (std::size_t i = 0; i < held.scored.size(); ++i) {
    const auto& [scores, label] = held.scored[i];
    const auto answer = static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
    if (answer == label) continue;
    fmt::print("  {} said {}: {}\n", query_type_name(static_cast<QueryType>(label)),
               query_type_name(static_cast<QueryType>(answer)), held.queries[i]->text);
  }
}

std::string card(const std::vector<LabelledQuery>& queries, std::size_t families, const Report& type,
                 const Report& complexity) {
  return fmt::format(
      "# The query classifier\n\n"
      "Two linear models over hashed words, word pairs, pieces of words and the shape of a text, trained by `train.sh` "
      "on\n"
      "the queries of this folder, which were written for it. It tells what kind of query a text is and how much it "
      "asks of\n"
      "a model; it does not understand the text.\n\n"
      "{} queries in {} families. Figures are of five-fold cross-validation over families: every query was judged by a "
      "model\n"
      "that had seen nothing of its family.\n\n"
      "## Type: {:.1f} % right, expected calibration error {:.3f}\n\n{}\n"
      "## Complexity: {:.1f} % right, expected calibration error {:.3f}\n\n{}",
      queries.size(), families, 100 * type.accuracy, type.calibration, table(type, kQueryTypeNames),
      100 * complexity.accuracy, complexity.calibration, table(complexity, kComplexityNames));
}

// The share of its own queries that the shipped file knows.
Result<double> known_share(const std::string& folder, const std::vector<LabelledQuery>& queries) {
  std::ifstream in(folder + "/classifier.bin", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  TRY(const Classifier classifier, Classifier::read(bytes));
  int known = 0;
  for (const LabelledQuery& query : queries) {
    known += classifier.classify({.text = query.text}).type == query.type ? 1 : 0;
  }
  return known / static_cast<double>(queries.size());
}

// Traps measure refits only as long as no model has learned them by heart.
Result<void> check_traps(const std::vector<LabelledQuery>& queries) {
  for (const Trap& trap : kTraps) {
    if (std::ranges::find(queries, trap.text, &LabelledQuery::text) == queries.end()) continue;
    return fail(Fault::kInvalid,
                fmt::format("\"{}\" is a trap (policy/classify/traps.h): take it out of the queries.", trap.text));
  }
  return {};
}

Result<int> run(const std::string& folder, bool check) {
  TRY(const auto queries, read_queries(folder));
  TRY_VOID(check_traps(queries));
  std::size_t families = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    families += i == 0 || queries[i].family != queries[i - 1].family ? 1 : 0;
  }
  const Held types = hold_out(queries, type_label), complexities = hold_out(queries, complexity_label);
  const float type_temperature = fitted_temperature(types.scored);
  const float complexity_temperature = fitted_temperature(complexities.scored);
  const Report type = report(types.scored, type_temperature);
  const std::string text = card(queries, families, type, report(complexities.scored, complexity_temperature));
  fmt::print("{}\nHeld-out mistakes:\n", text);
  show_mistakes(types);
  if (check) {
    TRY(const double known, known_share(folder, queries));
    fmt::print("\nHeld-out accuracy {:.4f}, at least {} is wanted; the shipped file knows {:.4f} of its queries.\n",
               type.accuracy, kWanted, known);
    return type.accuracy >= kWanted && known >= 0.97 ? 0 : 1;
  }
  LinearModel by_type = LinearModel::trained(examples_of(queries, type_label), kTraining);
  LinearModel by_complexity = LinearModel::trained(examples_of(queries, complexity_label), kTraining);
  by_type.set_temperature(type_temperature);
  by_complexity.set_temperature(complexity_temperature);
  std::ofstream(folder + "/classifier.bin", std::ios::binary)
      << Classifier(std::move(by_type), std::move(by_complexity)).bytes();
  std::ofstream(folder + "/CARD.md") << text;
  return 0;
}

}  // namespace
}  // namespace orchestra

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::string_view(argv[1]) == "--check";
  if (argc != 2 && !check) {
    fmt::print(stderr, "usage: classifier-train [--check] FOLDER\n");
    return 2;
  }
  const auto status = orchestra::run(argv[argc - 1], check);
  if (status) return *status;
  fmt::print(stderr, "classifier-train: {}\n", status.error().what);
  return 1;
}
