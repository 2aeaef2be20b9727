// GET /v1/models and /v1/models/{id}: the catalogue in OpenAI's shape, with what OpenAI leaves out.
#pragma once

#include <functional>

#include "api/router.h"
#include "domain/fleet_view.h"
#include "domain/model.h"
#include "domain/performance.h"
#include "domain/refit_report.h"
#include "domain/resources.h"

namespace orchestra {

// What one loop knows; replaced on the loop.
struct Snapshots {
  CataloguePtr catalogue;
  FleetViewPtr fleet;
  PerformanceViewPtr performance;  // of that catalogue; made at most a second ago
  RefitReportPtr refit;
  ResourceViewPtr resources;  // of this machine, made at most some seconds ago; null until it was looked at
};

// `snapshots` is read on the loop at each request and outlives the router.
void add_model_routes(Router& router, const Snapshots& snapshots);

}  // namespace orchestra
