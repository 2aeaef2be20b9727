// Errors as the OpenAI dialect spells them: {"error":{"message","type","param","code"}}, both ways.
// https://platform.openai.com/docs/guides/error-codes
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

// `status` 0: the body is an error event inside a stream. Also reads what OpenAI-shaped services make of it:
// {"error":"text"}, {"object":"error","message":...} (vLLM), {"detail":...} (FastAPI), {"message":...}.
Error decode_openai_error(int status, std::string_view body);

// The error body: OpenAI's shape and, beside it, "request_id".
std::string openai_error_body(const Error& error, std::string_view request_id);

}  // namespace orchestra
