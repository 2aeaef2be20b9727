// POST /api/inference/orchestrated (README 001, CONTRACTS 2.2): {"request": {model_id, inputs, parameters},
// "strategy"}, or the request's members beside "strategy".
//
//   a strategy of the selection   chooses among all models (policy/strategies/ has the names and their aliases)
//   fallback                      the named model, and when it fails another one
//   ensemble                      several models, merged: gateway/ensemble.h
//   cascade                       cheap models first, checked: gateway/cascade.h
//   anything else                 `model_id` answers, as README 001 has it; orchestration_strategy then is "model_id"
//
// Members that the request does not name are chosen: the named model first, then the best by the selection. Without a
// strategy it is "auto", and without a model_id that is "auto" too. The whole answer keeps the budget of its query's
// class (answer_budget.h).
#pragma once

#include "api/member_asker.h"
#include "api/router.h"
#include "gateway/gateway.h"

namespace orchestra {

// Loop-bound; the references outlive the router. `gateway` is the line of `parts`.
void add_orchestrated_routes(Router& router, Gateway& gateway, const AskingParts& parts);

}  // namespace orchestra
