// Fits the query models anew on a deployment's own outcomes. Pure; the same outcomes give the same models.
//
// The classifier. Where a label is known, what is learned is a correction: weights over places (feature_key.h) that are
// added to the shipped model's scores, drawn back to 0 so that what nobody labelled stays as it was shipped, and put
// into the shipped model's weights in the end. It takes the place of the model in use only when it is at least as often
// right as that one and the shipped one, both on labelled outcomes that were kept apart and on traps.h.
//
// The routing model: routing_model.h.
#pragma once

#include <span>

#include "domain/query_outcome.h"
#include "domain/refit_report.h"
#include "policy/classify/query_models.h"

namespace orchestra {

// Below so many labels the classifier stays as it is; a fifth of them are kept apart.
inline constexpr std::size_t kFewestLabels = 40;

struct Refitted {
  QueryModelsPtr models;
  RefitReport report;  // without its times
};

Refitted refit(const Classifier& shipped, const QueryModels& current, std::span<const QueryOutcome> outcomes,
               const FeatureKey& key);

}  // namespace orchestra
