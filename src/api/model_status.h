// GET /api/v1/ai/models/status: every model with its figures, as the clients of README 003's code ask for them
// (CONTRACTS 4.2).
//
//   request_count, success_count, error_count, avg_response_time_ms   of the last 30 days; cancelled requests count as
//                                                                     neither success nor error
//   current_load    the share of a local model's slots that are taken; 0 for remote ones
//   speed, quality_tier   words: api/model_profile.h. Measured quality is `quality_score` in GET /models
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
