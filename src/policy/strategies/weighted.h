// Strategies that are nothing but their weights, and those that begin with them.
#pragma once

#include <algorithm>

#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {

template <Weights weights>
void rank_by_weights(const Features&, std::span<Contender> contenders) {
  for (Contender& contender : contenders) contender.score = weighted_score(contender.terms, weights);
}

// Scores all by `weights`; the best score of those that do not cool down.
inline float best_by_weights(const Weights& weights, std::span<Contender> contenders) noexcept {
  float best = 0;
  for (Contender& contender : contenders) {
    contender.score = weighted_score(contender.terms, weights);
    if (!contender.cooling) best = std::max(best, contender.score);
  }
  return best;
}

}  // namespace orchestra
