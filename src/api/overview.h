// README 003's two overviews.
//
//   GET /api/v1/models    every model with its state, what it can do, its size and when it was last used
//   GET /api/v1/metrics   requests, success, time and the busiest model of the last 24 hours, from the ledger; requests
//   a
//                         minute of the last ten minutes. Answered requests are successful, failed ones not; callers
//                         who left and requests that a crash cut off count in the total alone
#pragma once

#include "api/models.h"
#include "api/router.h"
#include "ports/store.h"

namespace orchestra {

// Loop-bound; the references outlive the router.
void add_overview_routes(Router& router, const Snapshots& snapshots, Store& store, const Clock& clock);

}  // namespace orchestra
