// How requests whose choice was open turned out: what the classifier and the routing model are refitted on. No text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "domain/query_class.h"

namespace orchestra {

// One feature of a query under this deployment's secret key (policy/classify/feature_key.h).
struct KeyedFeature {
  std::uint16_t place = 0;
  std::uint16_t value = 0;  // in 1/4096
  friend bool operator==(const KeyedFeature&, const KeyedFeature&) = default;
};

struct QueryOutcome {
  RequestId id;
  WallTime at{};
  std::vector<KeyedFeature> features;   // sorted by place, each place once
  QueryType type = QueryType::kSimple;  // as the classifier said
  Complexity complexity = Complexity::kSimple;
  // What it really was, where somebody who knows has said so.
  std::optional<QueryType> type_label;
  std::optional<Complexity> complexity_label;
  std::optional<bool> cheap;  // whether a cheap model was used (policy/cheap.h); empty: that cannot be told
  bool success = false;
  std::optional<double> quality;  // of the answer, 0 to 1, where feedback came
  bool retried = false;           // the caller soon sent the same again
  bool abandoned = false;         // the caller left in the middle of the answer
  friend bool operator==(const QueryOutcome&, const QueryOutcome&) = default;
};

// What became known of an outcome later. Empty members say nothing.
struct OutcomeSignal {
  RequestId id;
  std::optional<double> quality;
  std::optional<QueryType> type_label;
  std::optional<Complexity> complexity_label;
  bool retried = false;
  friend bool operator==(const OutcomeSignal&, const OutcomeSignal&) = default;
};

inline void apply(const OutcomeSignal& signal, QueryOutcome& outcome) {
  if (signal.quality) outcome.quality = signal.quality;
  if (signal.type_label) outcome.type_label = signal.type_label;
  if (signal.complexity_label) outcome.complexity_label = signal.complexity_label;
  outcome.retried = outcome.retried || signal.retried;
}

}  // namespace orchestra
