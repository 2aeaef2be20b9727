// Errors as the Ollama dialect spells them: {"error":"text"}, both ways; in a stream the same on a line of its own.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

// `status` 0: the body is an error line inside a stream.
Error decode_ollama_error(int status, std::string_view body);
std::string ollama_error_body(const Error& error);

}  // namespace orchestra
