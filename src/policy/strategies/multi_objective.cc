// "multi_objective": the request's own weights; README 001's (quality 0.4, latency 0.3, cost 0.3) where it gives none.
#include <array>

#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {
namespace {

constexpr Weights kUsual{.quality = 0.4, .latency = 0.3, .cost = 0.3, .resources = 0.0};

void rank(const Features& features, std::span<Contender> contenders) {
  const Weights weights = features.weights.value_or(kUsual);
  for (Contender& contender : contenders) contender.score = weighted_score(contender.terms, weights);
}

constexpr std::array<std::string_view, 1> kAliases{"weighted"};

}  // namespace

extern const Strategy kMultiObjective;
const Strategy kMultiObjective{
    .name = "multi_objective", .aliases = kAliases, .summary = "By the weights in the request", .rank = rank};

}  // namespace orchestra
