// OpenAI answers to events: see ReplyDecoder in codec.h. A stream is complete at `data: [DONE]`, or at a clean end
// after the finish_reason of every choice seen. Both forms of embeddings are read.
#pragma once

#include <memory>

#include "dialects/codec.h"

namespace orchestra {

std::unique_ptr<ReplyDecoder> openai_reply_decoder(bool stream);

}  // namespace orchestra
