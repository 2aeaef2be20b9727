// What callers say of answers, and how the models do (README 002, CONTRACTS 3.1).
//
//   POST /api/performance/feedback   {request_id, model_id, success, quality_rating}: the registry learns from it. It
//                                    weighs two samples; the text of `feedback` and `corrections` is not kept.
//                                    `query_type` and `complexity` say what the query really was
//   GET  /api/performance/models     measured quality and success, also by kind of query; how the last refit of the
//                                    models of queries went
#pragma once

#include "api/model_scene.h"
#include "api/router.h"
#include "ports/store.h"

namespace orchestra {

// Loop-bound; the references in `scene` and the store outlive the router.
void add_feedback_routes(Router& router, const ModelScene& scene, Store& store);

}  // namespace orchestra
