// Chat requests to Anthropic Messages bodies. Pure. https://docs.anthropic.com/en/api/messages
//
// System and developer messages become `system`; consecutive messages of one role become one, with tool results as
// blocks of the user's turn; max_tokens, which the API requires, is kAnthropicDefaultMaxTokens where nothing was said.
// Options that the API or the model's generation does not have are dropped by name; content that it cannot take (audio,
// foreign file ids) is kInvalid, because without it the question would be another one.
#pragma once

#include <string_view>

#include "dialects/codec.h"

namespace orchestra {

inline constexpr std::int64_t kAnthropicDefaultMaxTokens = 4096;

Result<Upstream> encode_anthropic(const Request& request, std::string_view model);

}  // namespace orchestra
