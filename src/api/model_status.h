// GET /api/v1/ai/models/status: every model with its figures, as the clients of README 003's code ask for them
// (CONTRACTS 4.2).
//
//   request_count, success_count, error_count, avg_response_time_ms   of the last 30 days; cancelled requests count as
//                                                                     neither success nor error
//   current_load    the share of a local model's slots that are taken; 0 for remote ones
//   speed           very_slow, slow, moderate, fast, very_fast: below 10, 20, 35, 80 tokens a second, or more
//   quality_tier    basic, good, very_good, excellent, exceptional: from 0, 0.65, 0.75, 0.82 and 0.9 on. What
//                   sort of model it is, so of the claim, where there is one; measured quality is `quality_score` in
//                   GET /models
//
// What is not known is null.
#pragma once

#include "api/model_scene.h"
#include "api/router.h"
#include "ports/store.h"

namespace orchestra {

// All references outlive the router.
void add_model_status_routes(Router& router, const ModelScene& scene, Store& store);

}  // namespace orchestra
