// Resources that choose a model without asking it.
//
//   POST /route, /route/refinement                README 004: {query, context} to the model that would answer it
//   POST /api/v1/select-model                     README 003: {task, requirements} to the model that suits it
//   POST /api/v1/ai/select-model, /api/ai/select-model, /flow/select-model   the same in the originals' camel case
//   GET, POST /classify                           README 004: what kind of query a text is
//
// README 003's requirements become weights of the strategy "multi_objective": speed low 0.1, medium 0.3, high 0.6;
// quality low 0.15, medium 0.35, high 0.7; cost 0.15; resources 0.1.
//
// A refiner must begin within 500 ms ("quality": 800 ms). A local one that is made for refining comes first, then any
// local one, then a remote one; where nobody is so quick, the quickest, and the reply says `budget_exceeded`.
#pragma once

#include "api/router.h"
#include "gateway/gateway.h"

namespace orchestra {

// Loop-bound like `gateway`; the references outlive the router.
// What POST /route answers.
Task<void> respond_route(ApiRequest& request, Gateway& gateway, const Clock& clock);

void add_selection_routes(Router& router, Gateway& gateway, const Clock& clock);

}  // namespace orchestra
