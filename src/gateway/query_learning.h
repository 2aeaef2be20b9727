// Keeps how requests whose choice was open turned out, and reads signs of discontent from what callers do. Loop-bound.
//
//   sent again  the same caller sends the same prompt within a minute after it was answered whole (repeats.h): the
//               earlier answer counts as 0.2 of quality, with the weight of half a sample, and its outcome as retried.
//               Not at temperature 0, where the same answer must be wanted, nor for fewer than 4 words: probes.
//   left        the caller leaves in the middle of a stream: 0.3, a tenth of a sample, and the outcome as abandoned.
//               Networks fail and people change their minds, so that of each model as many signs of discontent as are
//               5 % of its latest answers do not count for its quality.
//
// Requests that name their model are none of its business, and cost nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "domain/spend.h"
#include "gateway/repeats.h"
#include "gateway/walk.h"
#include "policy/classify/feature_key.h"

namespace orchestra {

class QueryLearning {
 public:
  static constexpr double kRetryQuality = 0.2, kRetryWeight = 0.5, kLeftQuality = 0.3, kLeftWeight = 0.1;
  static constexpr double kUsualShare = 0.05;

  // `key` or `outcomes` null: nothing is kept. `outcomes` and the clock outlive it.
  QueryLearning(std::shared_ptr<const FeatureKey> key, Outcomes* outcomes, const Clock& clock)
      : key_(std::move(key)), outcomes_(outcomes), clock_(clock) {}

  // The walk, whose choice is made, is booked as `outcome`.
  void settled(const Walk& walk, Outcome outcome) noexcept;

 private:
  // Latest answers and signs of discontent of one model.
  struct Share {
    double answers = 0, complaints = 0;
  };
  void learn(const Walk& walk, Outcome outcome, const Classification& query);
  void note_repetition(const Walk& walk, Outcome outcome, const Request& request, std::size_t words,
                       const OutcomeFact& about);
  void complain(OutcomeFact fact, double quality, double weight);

  std::shared_ptr<const FeatureKey> key_;  // shared: by all loops
  Outcomes* outcomes_;
  const Clock& clock_;
  Repeats repeats_;
  std::unordered_map<std::string, Share> shares_;  // by model
};

}  // namespace orchestra
