// One message of an OpenAI chat request to the domain's. Pure; see openai_decode.h.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "domain/request.h"

namespace orchestra {

// `where` is the message's place as errors name it, e.g. "messages[2]".
Result<Message> decode_openai_message(const json::value& message, const std::string& where);

}  // namespace orchestra
