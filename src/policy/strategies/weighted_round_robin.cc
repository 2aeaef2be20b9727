// "weighted_round_robin": every good contender gets its share of the turns, by its balanced score. Those within three
// quarters of the best take part.
//
// Turn n stands at the fractional part of n * golden ratio on a line that the weights divide. That sequence has the
// lowest discrepancy there is (Kuipers and Niederreiter, "Uniform Distribution of Sequences", 1974), so shares are kept
// closely, also over a few turns and without a state besides the count.
#include <array>
#include <cmath>

#include "policy/strategies/weighted.h"

namespace orchestra {
namespace {

constexpr float kTakesPart = 0.75F;
constexpr double kGoldenRatio = 0.6180339887498949;

void rank(const Features& features, std::span<Contender> contenders) {
  const float best = best_by_weights(kBalancedWeights, contenders);
  const auto takes_part = [best](const Contender& contender) {
    return !contender.cooling && contender.score > 0 && contender.score >= kTakesPart * best;
  };
  double line = 0;
  for (const Contender& contender : contenders) {
    if (takes_part(contender)) line += static_cast<double>(contender.score);
  }
  double place = std::fmod(static_cast<double>(features.turn & 0xffffffffU) * kGoldenRatio, 1.0) * line;
  for (Contender& contender : contenders) {
    if (!takes_part(contender)) continue;
    place -= static_cast<double>(contender.score);
    if (place >= 0) continue;
    contender.score += 1;
    return;
  }
}

constexpr std::array<std::string_view, 2> kAliases{"round_robin", "load_balanced"};

}  // namespace

extern const Strategy kWeightedRoundRobin;
const Strategy kWeightedRoundRobin{.name = "weighted_round_robin",
                                   .aliases = kAliases,
                                   .summary = "In turns, each by its share of the scores",
                                   .rank = rank,
                                   .draws = true};

}  // namespace orchestra
