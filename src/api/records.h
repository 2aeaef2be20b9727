// What was decided and what was spent: GET /api/v1/decisions/{request_id} and GET /api/v1/usage.
#pragma once

#include "api/router.h"
#include "ports/store.h"

namespace orchestra {

// The references outlive the router.
void add_record_routes(Router& router, Store& store, const Clock& clock);

}  // namespace orchestra
