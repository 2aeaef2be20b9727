// "auto": the weights follow the query. What a simple question gains by a better model is little, so that price and
// time count; research and expert work are worth their money. Where outcomes have shown which queries a cheap model
// suffices for, that counts in place of its general quality (policy/cheap.h).
#include <algorithm>
#include <array>

#include "policy/cheap.h"
#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {
namespace {

constexpr Weights kUnclassified{.quality = 0.50, .latency = 0.20, .cost = 0.20, .resources = 0.10};
// By QueryType.
constexpr std::array<Weights, 4> kByType{{
    {.quality = 0.35, .latency = 0.25, .cost = 0.30, .resources = 0.10},
    {.quality = 0.55, .latency = 0.15, .cost = 0.20, .resources = 0.10},
    {.quality = 0.65, .latency = 0.10, .cost = 0.15, .resources = 0.10},
    {.quality = 0.55, .latency = 0.15, .cost = 0.20, .resources = 0.10},
}};
// By Complexity: moved from cost to quality, or back.
constexpr std::array<double, 4> kShift{-0.05, 0.0, 0.05, 0.10};

double between(double from, double to, double share) noexcept {
  return from + (to - from) * share;
}

Weights weights_for(const Features& features) noexcept {
  if (!features.query) return kUnclassified;
  const Classification& query = *features.query;
  const Weights& typed = kByType[static_cast<std::size_t>(query.type)];
  const double shift = kShift[static_cast<std::size_t>(query.complexity)] * query.complexity_confidence;
  // As far as the class is doubtful, the request counts as unclassified.
  const double sure = std::clamp(query.confidence, 0.0, 1.0);
  return {.quality = between(kUnclassified.quality, typed.quality, sure) + shift,
          .latency = between(kUnclassified.latency, typed.latency, sure),
          .cost = between(kUnclassified.cost, typed.cost, sure) - shift,
          .resources = between(kUnclassified.resources, typed.resources, sure)};
}

void rank(const Features& features, std::span<Contender> contenders) {
  const Weights weights = weights_for(features);
  const ChanceOfCheap chance(features, contenders);
  for (Contender& contender : contenders) contender.score = weighted_score(chance.terms(contender), weights);
}

constexpr std::array<std::string_view, 2> kAliases{"default", "automatic"};

}  // namespace

extern const Strategy kAutomatic;
const Strategy kAutomatic{.name = "auto",
                          .aliases = kAliases,
                          .summary = "Quality, time, cost and resources, weighted by the kind of query",
                          .rank = rank};

}  // namespace orchestra
