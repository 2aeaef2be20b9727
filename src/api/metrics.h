// GET /metrics: Prometheus metrics under our own names, and under README 004's (CONTRACTS 5.4).
//
// README 004's are the same counts, read once more:
//
//   sarvanom_model_usage_total{model_id,provider,query_type}      requests; "unclassified" where the caller chose
//   sarvanom_model_response_time_seconds{model_id,provider}       orchestra_request_seconds
//   sarvanom_model_cost_usd_total{model_id,provider}              known cost
//   sarvanom_model_quality_score{model_id,provider}               0 to 1, measured, else claimed
//   sarvanom_model_health_status{model_id,provider}               1 healthy, 0.5 degraded, 0 unhealthy
//   sarvanom_router_requests_total{query_type,complexity}         choices that a query left open, also by POST /route
//   sarvanom_router_model_usage_total{model_id,query_type,complexity}   which models these chose
//   sarvanom_router_selection_time_seconds{query_type}            orchestra_selection_seconds
//   sarvanom_router_fallback_total{from_model,to_model}           answers by another model than the first of the plan
//
// At most kMostModels models have series of their own, those with most requests; all others together are "other".
#pragma once

#include <string>

#include "api/model_scene.h"
#include "api/router.h"
#include "base/metrics.h"

namespace orchestra {

inline constexpr std::size_t kMostModels = 200;

class ModelWriter;

// README 004's families, as text.
std::string readme_metrics(const Metrics& metrics, const ModelWriter& models, std::size_t most = kMostModels);

// All references outlive the router.
void add_metrics_route(Router& router, const Metrics& metrics, const ModelScene& scene);

}  // namespace orchestra
