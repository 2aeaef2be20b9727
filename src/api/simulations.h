// POST /api/v1/simulations: stored decisions, decided again under another policy. For administrators.
//
//   {"policy":{"strategy":"cost","weights":{...},"chain":[...],"classes":{"simple":{"strategy":"cost"}},
//              "providers":{"allow":[...],"deny":[...]},"local_only":false,"cost_limit_usd":0.01},
//    "from":"2026-01-02","to":"2026-01-09","tenant":"acme","limit":100000,"stream":true}
// `from` is 7 days ago and `to` now where they are left out. The answer is what ledger/simulation.h writes. With
// "stream" it comes as lines of JSON: {"progress":{"requests":500,"of":100000}} as it goes, and at the end
// {"simulation":{...}} or {"error":{...}}.
//
// Requests are read and decided page by page on the store's threads; the loop only waits between two pages, and a
// caller that leaves stops the work at the next one.
#pragma once

#include "api/router.h"
#include "ports/store.h"

namespace orchestra {

// The references outlive the router.
void add_simulation_routes(Router& router, Store& store, const Clock& clock);

}  // namespace orchestra
