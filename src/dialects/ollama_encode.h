// Domain requests to Ollama's API: /api/chat, /api/generate (completions), /api/embed. Pure.
// https://github.com/ollama/ollama/blob/main/docs/api.md
//
// Options that it does not have are dropped by name; content that it cannot take (images by URL, audio, files, several
// prompts) is kInvalid, because without it the question would be another one.
#pragma once

#include <string_view>

#include "dialects/codec.h"

namespace orchestra {

Result<Upstream> encode_ollama(const Request& request, std::string_view model);

}  // namespace orchestra
