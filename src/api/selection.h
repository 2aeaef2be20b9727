// Resources that choose a model without asking it.
//
//   POST /route, /route/refinement                README 004: {query, context} to the model that would answer it
//   POST /api/v1/select-model                     README 003: {task, requirements} to the model that suits it
//   POST /api/v1/ai/select-model, /api/ai/select-model, /flow/select-model   the same in the originals' camel case,
//                                                 with systemMetrics (api/resources.h) and modelInfo
//                                                 (api/model_profile.h)
//   GET, POST /classify                           README 004: what kind of query a text is
//
// README 003's requirements become weights of the strategy "multi_objective": speed low 0.1, medium 0.3, high 0.6;
// quality low 0.15, medium 0.35, high 0.7; cost 0.15; resources 0.1.
//
// A refiner must begin within 500 ms ("quality": 800 ms). A local one that is made for refining comes first, then any
// local one, then a remote one; where nobody is so quick, the quickest, and the reply says `budget_exceeded`.
#pragma once

#include "api/models.h"
#include "api/router.h"
#include "base/json.h"
#include "gateway/gateway.h"

namespace orchestra {

// Loop-bound like `gateway`; the references outlive the router.
struct SelectionParts {
  Gateway& gateway;
  const Snapshots& snapshots;
  const Clock& clock;
};

// What POST /route answers.
Task<void> respond_route(ApiRequest& request, const SelectionParts& parts);

// The members systemMetrics and modelInfo of README 003's code (CONTRACTS 4.2); modelInfo is null for a model that is
// gone from the catalogue.
void write_state_and_model(JsonWriter& writer, const Snapshots& snapshots, const ModelId& model);

void add_selection_routes(Router& router, const SelectionParts& parts);

}  // namespace orchestra
