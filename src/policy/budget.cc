#include "policy/budget.h"

#include <algorithm>

namespace orchestra {
namespace {

Micros expected_answer(const Decision& decision, const Candidate& candidate) {
  const auto found = std::ranges::find_if(
      decision.considered, [&](const Considered& one) { return one.contender && one.model == candidate.model; });
  if (found == decision.considered.end()) return candidate.expected;
  const auto seconds = static_cast<double>(expected_seconds(found->contender->terms));
  return Micros(static_cast<std::int64_t>(std::min(seconds, 3600.0) * 1e6));
}

}  // namespace

void bound_first_token(Decision& decision, Micros budget) {
  Plan& plan = decision.plan;
  plan.budget = budget;
  const Timeouts usual = plan.timeouts;
  plan.timeouts.first_content = std::min(usual.first_content, budget);
  for (std::size_t i = 0; i < plan.order.size(); ++i) {
    Candidate& candidate = plan.order[i];
    if (candidate.timeouts) {
      candidate.timeouts->first_content = std::min(candidate.timeouts->first_content, budget);
    }
    if (plan.stream || i + 1 == plan.order.size()) continue;
    Timeouts own = timeouts_of(plan, candidate);
    own.total = std::min(own.total, budget + 2 * expected_answer(decision, candidate));
    candidate.timeouts = own;
  }
}

}  // namespace orchestra
