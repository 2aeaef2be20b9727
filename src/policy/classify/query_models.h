// What is known of queries in general: the classifier and the routing model, as one snapshot. Pure.
#pragma once

#include <memory>
#include <optional>

#include "policy/classify/classifier.h"
#include "policy/classify/routing_model.h"

namespace orchestra {

// Immutable; safe to share between threads.
struct QueryModels {
  Classifier classifier;
  std::optional<RoutingModel> routing;  // empty: too little is known of cheap models' answers

  Classification classify(const QueryView& query) const noexcept {
    const QueryFeatures features(query.text);
    Classification out = classifier.classify(features, query.has_media);
    if (routing) out.cheap_suffices = routing->chance(features.all(), out.type, out.complexity);
    return out;
  }
};
using QueryModelsPtr = std::shared_ptr<const QueryModels>;  // shared: by all loops

}  // namespace orchestra
