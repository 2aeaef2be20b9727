// What a caller wants of the choice of a model, besides what the request itself needs of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "domain/model_card.h"
#include "domain/query_class.h"

namespace orchestra {

// How much each term of the score counts. Not negative, not all 0; only their proportions matter.
struct Weights {
  double quality = 0, latency = 0, cost = 0, resources = 0;
  friend bool operator==(const Weights&, const Weights&) = default;
};

// The names of the strategies; policy/strategies/list.h has them.
inline constexpr std::array<std::string_view, 11> kStrategyNames{
    "auto",     "performance",          "accuracy",     "cost",  "balanced", "multi_objective", "context_aware",
    "adaptive", "weighted_round_robin", "least_loaded", "sticky"};

struct Demand {
  std::string strategy;                  // one of kStrategyNames or its aliases; empty: the configured one
  std::optional<Weights> weights;        // for "multi_objective"
  bool local_only = false;               // the request must not leave this machine
  std::vector<std::string> allow, deny;  // providers; an empty `allow` allows all
  std::optional<MicroUsd> cost_limit;    // what the answer may be expected to cost
  std::optional<Micros> deadline;        // of the whole answer
  bool deadline_yields = false;          // it is the server's own: dropped where no model is expected to keep it
  Skills skills = 0;                     // what the model should be good at
  std::uint64_t session = 0;             // 0: none
  std::optional<Classification> query;   // empty: not classified
  friend bool operator==(const Demand&, const Demand&) = default;
};

}  // namespace orchestra
