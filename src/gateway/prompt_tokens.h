// What of a request its models read as tokens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/task.h"
#include "domain/call.h"
#include "tokens/encoding.h"

namespace orchestra {

// Counts the tokens of `texts`, up to the first piece behind `limit`. Not on the loop: the work may take longer than a
// request waits for the loop.
using CountTokens = std::function<Task<Tokens>(std::vector<std::string> texts, Encoding encoding, Tokens limit)>;

// Every text of the request: messages, calls of tools and their results, descriptions of tools, prompts, inputs.
std::vector<std::string> prompt_texts(const Request& request);
// The tokens that stand between them: those that begin and end every message of a chat (tokens/count.h).
Tokens tokens_between(const Request& request) noexcept;

}  // namespace orchestra
