// Resources of README 003 that choose a model and ask it.
//
//   POST /api/v1/route              {prompt, task, max_tokens, temperature} to {response, model_used, metrics,
//   timestamp};
//                                   with `query` in place of `prompt` it is README 004's /route, which only chooses
//   POST /api/v1/ai/route-request   the same in the originals' camel case, with systemMetrics and modelInfo; also
//                                   /api/ai/route-request
//
// The whole answer is bounded by the budget of its query class (5, 7, 10 or 10 s) unless x-orchestra-deadline-ms says
// otherwise.
#pragma once

#include "api/selection.h"

namespace orchestra {

// Loop-bound like `gateway`; the references outlive the router.
void add_route_routes(Router& router, const SelectionParts& parts);

}  // namespace orchestra
