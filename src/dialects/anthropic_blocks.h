// Messages as the turns and content blocks of the Anthropic Messages API. Pure; see anthropic_encode.h.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "domain/request.h"

namespace orchestra {

// The JSON text of a conversation.
struct AnthropicTurns {
  std::string system;              // the value of `system`: a string or an array of blocks; empty: none
  std::string messages;            // the value of `messages`
  bool unsigned_thinking = false;  // reasoning without a signature was left out: the API takes no other
  bool names = false;              // participants' names were left out
  bool details = false;            // image details were left out
};

Result<AnthropicTurns> anthropic_turns(const std::vector<Message>& messages);

// True if the last turn of the assistant calls tools without the signed thinking that the API then wants to see.
bool calls_without_thinking(const std::vector<Message>& messages);

}  // namespace orchestra
