// A strategy that is nothing but its weights.
#pragma once

#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {

template <Weights weights>
void rank_by_weights(const Features&, std::span<Contender> contenders) {
  for (Contender& contender : contenders) contender.score = weighted_score(contender.terms, weights);
}

}  // namespace orchestra
