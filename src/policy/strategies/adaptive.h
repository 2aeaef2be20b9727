// What the strategy "adaptive" spends on learning.
#pragma once

#include <optional>

#include "domain/plan.h"

namespace orchestra {

struct ExplorationCost {
  double usual_usd = 0;  // expected of the contender that is best by its mean
  double extra_usd = 0;  // what the chosen one is expected to cost more
};
// Of a decision that "adaptive" made and that chose somebody; unknown prices count as 0. Nothing for other decisions.
std::optional<ExplorationCost> exploration_cost(const Decision& decision);

// Features::exploration_usd of the next decision behind one with so much: a twentieth of what adaptive requests are
// expected to cost may go into trying others than the best, and at most a dollar is put by.
double exploration_left(double usd, const Decision& decision);

}  // namespace orchestra
