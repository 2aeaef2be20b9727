// A policy that past requests are decided by again, in thought only.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "domain/demand.h"

namespace orchestra {

// How requests of one kind are ranked. Names of a chain are model ids or bare names; '*' may end them.
struct RankingRule {
  std::string strategy;              // one of kStrategyNames; empty: the one that each request was decided by
  std::optional<Weights> weights;    // of "multi_objective"
  std::vector<std::string> chain{};  // of "auto": these come first, in this order
  bool empty() const noexcept { return strategy.empty() && !weights && chain.empty(); }
  friend bool operator==(const RankingRule&, const RankingRule&) = default;
};

struct SimulatedPolicy {
  RankingRule usual;
  std::array<RankingRule, kQueryTypeNames.size()> classes;  // by QueryType; an empty one: the usual
  std::vector<std::string> allow, deny;                     // providers; an empty `allow` allows all
  bool local_only = false;
  std::optional<MicroUsd> cost_limit;  // what an answer may be expected to cost
  friend bool operator==(const SimulatedPolicy&, const SimulatedPolicy&) = default;
};

}  // namespace orchestra
