// A stored decision, decided again under another policy: what would have been chosen, from its contenders alone. Pure.
#pragma once

#include "base/result.h"
#include "domain/plan.h"
#include "domain/simulated_policy.h"

namespace orchestra {

// What a decision does not hold, so that the second choice may differ from what a server would really have done.
struct Unknowns {
  bool shortlist = false;  // more models could have been ranked than it kept
  bool session = false;    // the policy ranks by session, and the decision kept none
  bool chain = false;      // the policy is "auto", and the decision was made without its class's chain
};

// Points into the decision.
struct Redecision {
  const Considered* stored = nullptr;     // what was chosen
  const Considered* simulated = nullptr;  // what would have been; null: the policy leaves nobody
  bool named = false;                     // the caller named the model: the policy could only refuse it
  Unknowns unknown;
};

// A caller's own choice of a model, and the order of an alias's chain, stand under every policy. "auto" requests are
// ranked by the rule of their class: a chain of the policy in place of the stored one; without one, the stored chain
// under "auto", and none under other strategies. Models that a filter had refused stay refused.
// kInvalid: the decision kept nothing to rank, or chose nobody; or a strategy of the policy is unknown.
Result<Redecision> simulate(const Decision& decision, const SimulatedPolicy& policy);

// kInvalid: an unknown strategy, weights that check_weights refuses or that belong to another strategy than
// "multi_objective", a chain beside another strategy than "auto".
Result<void> check_policy(const SimulatedPolicy& policy);

}  // namespace orchestra
