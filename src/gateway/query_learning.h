// Tells how requests whose choice was open turned out, and what shows whether their callers were content: what came of
// the prompt, under a keyed hash, and who left in the middle of an answer (registry/discontent.h reads the signs).
// Loop-bound.
//
// A prompt at temperature 0, where the same answer must be wanted, or of fewer than 4 words, a probe, is told without
// its hash: that it comes again says nothing.
//
// Requests that name their model are none of its business, and cost nothing.
#pragma once

#include <cstdint>
#include <memory>

#include "domain/spend.h"
#include "gateway/walk.h"
#include "policy/classify/feature_key.h"

namespace orchestra {

class QueryLearning {
 public:
  // `key` or `outcomes` null: nothing is kept. `outcomes` and the clock outlive it.
  QueryLearning(std::shared_ptr<const FeatureKey> key, Outcomes* outcomes, const Clock& clock)
      : key_(std::move(key)), outcomes_(outcomes), clock_(clock) {}

  // The walk, whose choice is made, is booked as `outcome`.
  void settled(const Walk& walk, Outcome outcome) noexcept;

 private:
  void learn(const Walk& walk, Outcome outcome, const Classification& query);
  // 0: its repetition would say nothing.
  std::uint64_t prompt_of(const Walk& walk, const Request& request, std::size_t words) const;

  std::shared_ptr<const FeatureKey> key_;  // shared: by all loops
  Outcomes* outcomes_;
  const Clock& clock_;
};

}  // namespace orchestra
