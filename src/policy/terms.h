// What is expected of a model for one request, normalised: the terms of every score. Pure.
//
//   quality    0 to 1: measured where there are samples, else the card's claim, else the prior by size (policy/facts.h)
//   success    0 to 1: the share of good answers; from the measured outcomes and the model's recent health, the lower;
//              0.8 of that for a model that its card calls deprecated or unstable; and where the first content takes
//              longer than 10 s, only so much of it as 10 s are of that time: callers do not wait for ever
//   latency    1 / (1 + T / 2 s), T = load + forced evictions + time to first content + expected output / speed
//   cost       1 / (1 + C / 0.002 $), C = what the request is expected to cost: 1 for what is free, 0.5 for a fifth of
//   a
//              cent; 0.3 where the price is unknown
//   resources  what serving it leaves free: 1 for remote models; a loaded local one 1 - busy / 2; one that has to be
//              loaded 1 - need / (2 * free memory), and 0.25 where another model must be evicted for it
//
// A strategy combines them: score = gate * success * sum(weight * term) / sum(weight). The gate is
// min(1, quality / 0.3): it keeps a toy that is fast and free behind everything that can answer, and lets it serve when
// nothing else does.
#pragma once

#include "domain/demand.h"
#include "domain/plan.h"
#include "policy/facts.h"
#include "policy/health_view.h"
#include "policy/wants.h"

namespace orchestra {

// What was measured of a model for requests of this kind. Negative: never measured.
struct Measured {
  float quality = -1, success = -1;
  float first_content = -1;  // seconds
  float tokens_per_second = -1;
  float completion = -1;  // seconds of a whole answer
  float samples = 0;      // decayed count behind them
};

// What one model would take for one request.
struct Expectation {
  float usd = -1;           // negative: unknown
  float first_content = 0;  // seconds, load included
  float whole = 0;          // seconds to the end of the expected answer
  // What a deadline is held against: load, and the shorter of what whole answers of this kind usually take and what
  // this one would at its speed, as far as either was measured or claimed; else the time to first content.
  float known = 0;
};
Expectation expect(const ModelFacts& facts, const ModelHealth& health, const Measured& measured,
                   const Wants& wants) noexcept;

Terms terms_of(const ModelFacts& facts, const ModelHealth& health, const Measured& measured,
               const Expectation& expectation) noexcept;

// All four alike.
inline constexpr Weights kBalancedWeights{.quality = 0.25, .latency = 0.25, .cost = 0.25, .resources = 0.25};

// Below it the score falls with the quality.
inline constexpr float kToyQuality = 0.3F;

// The weighted score of the header; 0 when all weights are 0. Here, so that constant weights are summed up beforehand:
// it is asked for every model of a catalogue.
constexpr float weighted_score(const Terms& terms, const Weights& weights) noexcept {
  const double sum = weights.quality + weights.latency + weights.cost + weights.resources;
  if (sum <= 0) return 0;
  const double share = 1.0 / sum;
  const double mean =
      (weights.quality * static_cast<double>(terms.quality) + weights.latency * static_cast<double>(terms.latency) +
       weights.cost * static_cast<double>(terms.cost) + weights.resources * static_cast<double>(terms.resources)) *
      share;
  const float gate = terms.quality < kToyQuality ? terms.quality / kToyQuality : 1.0F;
  return gate * terms.success * static_cast<float>(mean);
}

}  // namespace orchestra
