// Predicts, for one query, the chance that a cheap model (policy/cheap.h) answers it well enough. Pure.
//
// A logistic regression over the query's features, its type and its complexity, fitted by AdaGrad on outcomes of cheap
// models and calibrated by Platt's method (Platt, "Probabilistic Outputs for Support Vector Machines", 1999) on others:
//
//   P(suffices) = 1 / (1 + exp(-(slope * (w . x + bias) + shift)))
//
// What an outcome says, and how much it counts:
//   feedback             its quality, or 0.9 for a success and 0.1 for a failure without one   1
//   sent again soon      0                                                                     0.5
//   left in the middle   0                                                                     0.2
//   answered in silence  1                                                                     0.1
// Failures that nobody complained of are the provider's and say nothing of the query.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "domain/query_class.h"
#include "domain/query_outcome.h"
#include "policy/classify/feature_key.h"

namespace orchestra {

// Behind the query's features: one for each type, and for each complexity.
inline constexpr std::size_t kRoutingFeatures = kFeatureBuckets + 8;

// What an outcome says of cheap models. `told`: somebody or something complained or praised.
struct Sufficiency {
  float target = 0, weight = 0;
  bool told = false;
};
// Nothing where another than a cheap model was used, or where it says nothing.
std::optional<Sufficiency> sufficiency(const QueryOutcome& outcome) noexcept;

// Immutable; safe to share between threads.
class RoutingModel {
 public:
  struct Calibration {
    float slope = 1, shift = 0;
  };

  // Weights by bucket, then those of types and complexities.
  RoutingModel(std::vector<float> weights, float bias, Calibration calibration)
      : weights_(std::move(weights)), bias_(bias), calibration_(calibration) {}

  double chance(std::span<const SparseFeature> features, QueryType type, Complexity complexity) const noexcept;

 private:
  std::vector<float> weights_;
  float bias_;
  Calibration calibration_;
};

// How well a fitted model did on outcomes that it had not seen.
struct RoutingFit {
  std::optional<RoutingModel> model;  // empty: it would say nothing that the mean does not say
  std::size_t told = 0;               // outcomes of which something is known
  std::optional<double> suffices, loss, base_loss, calibration_error;
};

// Below so many told outcomes nothing is fitted.
inline constexpr std::size_t kFewestTold = 80;

RoutingFit fit_routing(std::span<const QueryOutcome> outcomes, const FeatureKey& key);

}  // namespace orchestra
