// POST /v1/chat/completions, /v1/completions and /v1/embeddings: bytes to a Call, the line, and the answer back.
#pragma once

#include "api/router.h"
#include "ports/line.h"

namespace orchestra {

// Loop-bound like `line`; both references outlive the router.
void add_inference_routes(Router& router, Line& line, const Clock& clock);

}  // namespace orchestra
