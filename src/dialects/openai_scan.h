// The door of the OpenAI dialect: validates a request body whole and reads its Shape, in one pass and without a tree.
//
// Refused as kInvalid, naming the field: what is not strict JSON in UTF-8, nesting deeper than kMaxJsonDepth, a known
// field of a wrong type, a missing one, and a second spelling of a field that this server acts on (two readers of one
// body must not see different models). Unknown fields pass. Fields: https://platform.openai.com/docs/api-reference
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/call.h"

namespace orchestra {

Result<Shape> scan_openai(TaskKind task, std::string_view body);

}  // namespace orchestra
