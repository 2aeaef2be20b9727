// How long whole answers may take where the server bounds them: /api/v1/route, /api/inference/orchestrated, /v1/reason.
#pragma once

#include <optional>

#include "domain/call.h"
#include "gateway/gateway.h"

namespace orchestra {

// x-orchestra-deadline-ms, else the budget of the query's class (domain/query_class.h); nothing for a call without a
// query.
std::optional<Micros> answer_budget(const Gateway& gateway, const Call& call);

}  // namespace orchestra
