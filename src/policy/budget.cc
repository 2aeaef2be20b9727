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

void bound_stream(Plan& plan, Micros budget) {
  plan.timeouts.first_content = std::min(plan.timeouts.first_content, budget);
  for (Candidate& candidate : plan.order) {
    if (!candidate.timeouts) continue;
    candidate.timeouts->first_content = std::min(candidate.timeouts->first_content, budget);
  }
}

void bound_whole(Decision& decision, Micros budget) {
  Plan& plan = decision.plan;
  for (std::size_t i = 0; i + 1 < plan.order.size(); ++i) {
    Candidate& candidate = plan.order[i];
    Timeouts own = timeouts_of(plan, candidate);
    own.total = std::min(own.total, budget + 2 * expected_answer(decision, candidate));
    own.first_content = own.total;
    candidate.timeouts = own;
  }
}

}  // namespace

void bound_first_token(Decision& decision, Micros budget) {
  decision.plan.budget = budget;
  if (decision.plan.stream) {
    bound_stream(decision.plan, budget);
  } else {
    bound_whole(decision, budget);
  }
}

}  // namespace orchestra
