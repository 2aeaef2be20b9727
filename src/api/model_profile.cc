#include "api/model_profile.h"

#include <array>

#include "api/figures.h"

namespace orchestra {
namespace {

// From this value on, the word.
using Step = std::pair<double, std::string_view>;
constexpr std::array kSpeeds{Step{0, "very_slow"}, Step{10, "slow"}, Step{20, "moderate"}, Step{35, "fast"},
                             Step{80, "very_fast"}};
constexpr std::array kTiers{Step{0, "basic"}, Step{0.65, "good"}, Step{0.75, "very_good"}, Step{0.82, "excellent"},
                            Step{0.9, "exceptional"}};

std::optional<std::string_view> word_for(const std::optional<double>& value, const std::array<Step, 5>& steps) {
  if (!value) return std::nullopt;
  std::string_view word = steps.front().second;
  for (const auto& [from, name] : steps) {
    if (*value >= from) word = name;
  }
  return word;
}

std::optional<double> value_of(const Figure& figure) noexcept {
  return figure.samples > 0 ? std::optional(rounded(static_cast<double>(figure.value))) : std::nullopt;
}

std::vector<std::string_view> tasks_of(const Model& model) {
  const Capabilities can = known_capabilities(model);
  const Skills known = model.card ? model.card->skills : Skills{0};
  const int kind =
      ((can & kCanChat) != 0 ? kSkilledInConversation : 0) | ((can & kCanComplete) != 0 ? kSkilledInCompletion : 0);
  const int skills = known != 0 ? known : kind;
  std::vector<std::string_view> tasks;
  for (const auto& [bit, name] : kSkillNames) {
    if ((skills & bit) != 0) tasks.push_back(name);
  }
  if ((can & kCanEmbed) != 0) tasks.emplace_back("embedding");
  return tasks;
}

}  // namespace

const Estimate& measured_of(const Catalogue& catalogue, const PerformanceView* performance,
                            std::size_t index) noexcept {
  static const Estimate kNone;
  const bool fits = performance != nullptr && performance->catalogue_version() == catalogue.version;
  return fits ? performance->measured(index) : kNone;
}

ModelProfile profile_of(const Model& model, const Estimate& measured) {
  const ClaimedPerformance claimed = model.card ? model.card->claimed : ClaimedPerformance{};
  const auto speed = value_of(measured.tokens_per_second);
  ModelProfile profile{.tasks = tasks_of(model),
                       .speed = word_for(speed ? speed : claimed.tokens_per_second, kSpeeds),
                       .tier = word_for(claimed.quality ? claimed.quality : value_of(measured.quality), kTiers)};
  const auto& price = model.price.output ? model.price.output : model.price.input;
  if (price) profile.usd_per_1k = static_cast<double>(price->count) / 1e9;
  if (model.facts) profile.ram_gb = rounded(static_cast<double>(model.facts->need.count) / 1e9);
  return profile;
}

void write_tasks(JsonWriter& writer, const ModelProfile& profile) {
  writer.begin_array();
  for (const std::string_view task : profile.tasks) writer.string(task);
  writer.end_array();
}

}  // namespace orchestra
