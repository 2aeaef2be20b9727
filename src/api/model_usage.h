// What README 004's clients tell of a request that they sent themselves. Pure.
#pragma once

#include "base/result.h"
#include "domain/outcome.h"
#include "ports/http.h"

namespace orchestra {

// From the query, else from a JSON body. kUnprocessable for what is missing or makes no sense: query_type is one of
// simple, technical, research and multimedia; response_time is in seconds, cost_usd in dollars, both finite and not
// negative.
Result<OutcomeFact> read_model_usage(const HttpRequest& request, const ModelId& model, WallTime now);

}  // namespace orchestra
