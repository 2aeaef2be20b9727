// Errors as the Anthropic dialect spells them: {"type":"error","error":{"type","message"},"request_id"}, both ways.
// https://docs.anthropic.com/en/api/errors
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

// `status` 0: the body is an error event inside a stream.
Error decode_anthropic_error(int status, std::string_view body);
std::string anthropic_error_body(const Error& error, std::string_view request_id);

}  // namespace orchestra
