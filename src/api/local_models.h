// The life of local models: load, unload, status (CONTRACTS 2.1) and GET /api/ps in Ollama's shape.
#pragma once

#include "api/models.h"
#include "api/router.h"
#include "fleet/fleet.h"

namespace orchestra {

// All references outlive the router.
void add_local_model_routes(Router& router, Fleet& fleet, const Snapshots& snapshots, const Clock& clock);

}  // namespace orchestra
