// Watches an OpenAI answer that is passed on byte for byte: see RelayScanner in codec.h.
#pragma once

#include <memory>

#include "dialects/codec.h"

namespace orchestra {

// Streams. Marks: kContent on a chunk whose choices say more than a role, kUsage where counts were read, kEnd at
// `data: [DONE]`. A stream that ends cleanly without it is whole if every choice that was seen has its finish_reason
// (some services never send the mark, which is added then); otherwise it broke off. What follows the mark is not passed
// on.
//
// `hide_usage` drops chunks that have counts and no choices: a service that adds its counts to the last choice keeps
// that chunk. An error in the stream becomes the result of the call after the one that gave the events before it.
std::unique_ptr<RelayScanner> openai_stream_relay(bool hide_usage);

// One JSON body: held back until its end, because an error inside a 200 must still become an Error.
std::unique_ptr<RelayScanner> openai_body_relay();

}  // namespace orchestra
