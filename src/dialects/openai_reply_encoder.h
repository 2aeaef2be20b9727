// Events to OpenAI answers: chat.completion(.chunk), text_completion, list of embeddings. See ReplyEncoder in codec.h.
//
// Streams: each choice opens with its role, the usage chunk comes only when asked for, `data: [DONE]` is last. Thinking
// is reasoning_content; a block's signature comes as thinking_blocks, which the decoder of requests reads back.
// https://platform.openai.com/docs/api-reference/chat/streaming
#pragma once

#include <memory>

#include "dialects/codec.h"

namespace orchestra {

std::unique_ptr<ReplyEncoder> openai_reply_encoder(const ReplyContext& context);

}  // namespace orchestra
