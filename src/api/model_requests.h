// README 002's requests to models (CONTRACTS 3.1 to 3.3): the answer of /v1 in a wrapper that says who answered, how
// long it took and what it cost.
//
//   POST /api/models/chat         messages [{role, content, ...}]; roles in any case, upper case in the answer
//   POST /api/models/completion   prompt
//   POST /api/models/embedding    input
//   POST /api/models/image, /audio/transcription and /audio/translation
//                                 422 with code "task_not_available": a later version's
//
// `model_id` names the model; an unknown one is sought at `provider`. With `provider` alone, one of its models is
// chosen; with neither, the configured default. What a request does not set is left to the provider; user_id,
// project_id, task_id, agent_specialization_id and metadata are taken and not sent on.
#pragma once

#include "api/models.h"
#include "api/router.h"
#include "ports/line.h"

namespace orchestra {

// Loop-bound; the references outlive the router.
void add_model_request_routes(Router& router, Line& line, const Snapshots& snapshots, const Clock& clock);

}  // namespace orchestra
