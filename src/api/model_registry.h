// /models: README 004's registry (CONTRACTS 5.1).
//
//   GET /models                         all, as an array; those that are loaded on a listener of surface 000
//   GET /models/stable                  those of status stable
//   GET /models/refiners                see ModelWriter::is_refiner
//   GET /models/capability/{word}       see has_capability (api/model_words.h); an unknown word has no models
//   GET /models/provider/{provider}     in any case; an unknown provider has no models
//   GET /models/{model_id}
//   POST /models/{model_id}/usage       query_type, response_time (seconds) and cost_usd, in the query or as JSON
//
// Usage is learned from like a request that this server relayed: one success of that time and cost.
#pragma once

#include "api/model_scene.h"
#include "api/router.h"

namespace orchestra {

void add_model_registry_routes(Router& router, const ModelScene& scene);

}  // namespace orchestra
