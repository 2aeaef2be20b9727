// OpenAI request bodies to domain requests. Pure; errors are kInvalid and name the field.
//
// Beside OpenAI's own fields it reads what OpenAI-shaped services have added and other dialects can say: top_k, min_p,
// repeat_penalty, reasoning_content, thinking_blocks (signed thinking, as LiteLLM spells it) and cache_control marks.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/request.h"

namespace orchestra {

Result<Request> decode_openai(TaskKind task, std::string_view body);

}  // namespace orchestra
