// Ollama's answers to events: /api/chat, /api/generate and /api/embed. See ReplyDecoder in codec.h.
// https://github.com/ollama/ollama/blob/main/docs/api.md
//
// Streams are lines of JSON, complete at "done":true; a whole answer is one such object. Calls come whole, mostly
// without an id: they get one here, because callers refer to it.
#pragma once

#include <memory>

#include "dialects/codec.h"

namespace orchestra {

std::unique_ptr<ReplyDecoder> ollama_reply_decoder(bool stream);

}  // namespace orchestra
