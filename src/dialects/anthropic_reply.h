// Anthropic Messages answers to events: see ReplyDecoder in codec.h.
// https://docs.anthropic.com/en/docs/build-with-claude/streaming
//
// The API's input_tokens leave cached tokens out; Usage.input takes them in. A UsageEvent at the start of a stream has
// what is known of the input (known = false); the one at the end is complete. A stream is complete at message_stop, or
// at a clean end after its stop_reason.
#pragma once

#include <memory>

#include "dialects/codec.h"

namespace orchestra {

std::unique_ptr<ReplyDecoder> anthropic_reply_decoder(bool stream);

}  // namespace orchestra
