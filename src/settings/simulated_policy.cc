#include "settings/simulated_policy.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "domain/query_class.h"

namespace orchestra::settings {
namespace {

constexpr double kMostWeight = 1'000'000;
constexpr std::uintmax_t kLargestFile = 1U << 20U;

void read_weights(Section& rule, RankingRule& out) {
  if (!rule.has("weights")) return;
  Section section = rule.section("weights");
  const auto weight = [&](std::string_view name) {
    std::optional<double> value;
    section.decimal(name, value, 0, kMostWeight);
    return value.value_or(0);
  };
  const Weights weights{.quality = weight("quality"),
                        .latency = weight("latency"),
                        .cost = weight("cost"),
                        .resources = weight("resources")};
  section.finish();
  if (weights == Weights{}) {
    return rule.complain(*rule.find("weights"), "weights", "At least one weight must be above 0.",
                         {"quality", "latency", "cost", "resources"});
  }
  out.weights = weights;
}

void read_rule(Section& section, RankingRule& out) {
  if (section.has("strategy")) {
    Choices<std::string_view> names;
    for (const std::string_view name : kStrategyNames) names.emplace_back(name, name);
    std::string_view strategy;
    section.choice("strategy", strategy, names);
    out.strategy = strategy;
  }
  read_weights(section, out);
  section.texts("chain", out.chain);
  for (const std::string& name : out.chain) {
    if (!name.empty() && name.find('*') >= name.size() - 1) continue;
    section.complain(*section.find("chain"), "chain",
                     fmt::format("'{:.60}': a name is not empty, and a '*' may stand at its end only.", name));
  }
  const auto belongs = [&](std::string_view key, std::string_view strategy) {
    if (out.strategy.empty() || out.strategy == strategy) return;
    section.complain(*section.find(key), key,
                     fmt::format("It belongs to the strategy '{}', and this one is '{}'.", strategy, out.strategy));
  };
  if (out.weights) belongs("weights", "multi_objective");
  if (!out.chain.empty()) belongs("chain", "auto");
  if (out.weights && !out.chain.empty()) {
    section.complain(*section.find("chain"), "chain", "A chain belongs to the strategy 'auto', and weights do not.");
  }
}

std::expected<std::string, std::string> file_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return std::unexpected("This is a folder, not a file.");
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > kLargestFile) return std::unexpected("The file is larger than 1 MiB: this is no policy.");
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::unexpected("The file cannot be read.");
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

SimulatedPolicy read_simulated_policy(Section& root) {
  SimulatedPolicy policy;
  read_rule(root, policy.usual);
  Section classes = root.section("classes");
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    Section rule = classes.section(kQueryTypeNames[type]);
    read_rule(rule, policy.classes[type]);
    rule.finish();
  }
  classes.finish();
  Section providers = root.section("providers");
  providers.texts("allow", policy.allow);
  providers.texts("deny", policy.deny);
  providers.finish();
  root.flag("local_only", policy.local_only);
  std::optional<double> limit;
  root.decimal("cost_limit_usd", limit, 0, 1'000'000);
  if (limit) policy.cost_limit = MicroUsd(std::llround(*limit * 1e6));
  root.finish();
  return policy;
}

std::expected<SimulatedPolicy, Problems> load_simulated_policy(const std::string& path, const Variables& variables) {
  Problems problems;
  const auto text = file_text(path);
  if (!text) return std::unexpected(Problems{{.file = path, .what = text.error()}});
  const auto document = parse_yaml(*text, path, problems);
  if (!document) return std::unexpected(std::move(problems));
  Reading reading{.file = path, .variables = variables, .problems = problems};
  Section root(reading, &*document, "");
  SimulatedPolicy policy = read_simulated_policy(root);
  if (problems.empty() && policy == SimulatedPolicy{}) {
    problems.push_back(
        {.file = path,
         .what = "The file says nothing: under this policy every decision stays as it is.",
         .allowed = {"strategy", "weights", "chain", "classes", "providers", "local_only", "cost_limit_usd"}});
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return policy;
}

}  // namespace orchestra::settings
