#include "gateway/learning.h"

#include <algorithm>
#include <ranges>

#include "policy/wants.h"

namespace orchestra {
namespace {

OutcomeFact fact_about(const Walk& walk, std::size_t candidate) {
  const auto& query = walk.choice->decision->features.query;
  return {.model = walk.plan().order[candidate].model,
          .task = walk.call.shape.task,
          .query_class = query ? static_cast<int>(query->type) : kNoQueryClass,
          .stratum = prompt_stratum(estimated_input(walk.call.shape)),
          .when = walk.clock.wall()};
}

void add_figures(OutcomeFact& fact, const SpendSettled& booked, const AttemptRecord& attempt) {
  if (booked.stream) fact.first_content = attempt.took;
  if (!fact.success.value_or(false)) return;
  fact.duration = booked.latency - attempt.started;
  if (booked.usage.known) fact.output = booked.usage.output;
  if (booked.cost_known) fact.cost = booked.cost;
}

}  // namespace

void tell_answered(const Walk& walk, std::optional<bool> success) noexcept {
  if (walk.outcomes == nullptr) return;
  const std::size_t candidate = walk.answer->candidate;
  OutcomeFact fact = fact_about(walk, candidate);
  fact.success = success;
  const SpendSettled& booked = walk.settlement->record();
  const auto attempts = booked.attempts | std::views::reverse;
  const auto attempt = std::ranges::find(attempts, candidate, &AttemptRecord::candidate);
  const bool was_loaded = walk.plan().order[candidate].load.count() > 0;
  if (attempt != attempts.end() && !was_loaded) add_figures(fact, booked, *attempt);
  walk.outcomes->note(fact);
}

void tell_failed(const Walk& walk, std::size_t candidate, const Error& error) noexcept {
  if (walk.outcomes == nullptr || !counts_against(error)) return;
  OutcomeFact fact = fact_about(walk, candidate);
  if (over_budget(walk, error)) {
    // Slower than that is all that is known; it is enough to expect it the next time.
    if (!walk.call.shape.stream) return;
    fact.first_content = walk.plan().budget;
  } else if (callers_haste(walk, error)) {
    return;
  } else {
    fact.success = false;
  }
  walk.outcomes->note(fact);
}

}  // namespace orchestra
