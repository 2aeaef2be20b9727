// /api/models/{model_id}/versions and its activation (CONTRACTS 2.1): README 001's book of versions. Activating changes
// what the record says; which file is served is the model folder's matter.
#pragma once

#include "api/model_scene.h"
#include "api/router.h"

namespace orchestra {

// To be added before the routes of /api/models/{model_id}.
void add_model_version_routes(Router& router, const ModelScene& scene);

}  // namespace orchestra
