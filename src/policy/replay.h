// A stored decision, decided again: from its features and contenders alone, under its own strategy or another. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/plan.h"

namespace orchestra {

struct Replayed {
  std::vector<ModelId> order;  // of the plan, as it would be
  std::size_t first = 0;       // of `order.front()`, in the decision's `considered`
};

// The order in which the ranked models of `decision` would be asked. `strategy` empty: its own; then the order is that
// of the stored plan, as far as it was made by score. Chains and named models stay as they stood, for every strategy.
// kInvalid: an unknown strategy, or a decision that kept nothing to rank.
Result<Replayed> replay(const Decision& decision, std::string_view strategy = {});

}  // namespace orchestra
