// The life of local models: load, unload, status (CONTRACTS 2.1) and GET /api/ps in Ollama's shape.
#pragma once

#include "api/model_lookup.h"
#include "api/models.h"
#include "api/router.h"
#include "fleet/fleet.h"

namespace orchestra {

// All references outlive the router. An alias means the local model that `stand_in` names for it, unless a local model
// has that name.
void add_local_model_routes(Router& router, Fleet& fleet, const Snapshots& snapshots, StandIn stand_in,
                            const Clock& clock);

}  // namespace orchestra
