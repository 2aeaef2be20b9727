// Domain requests to OpenAI request bodies, for upstreams that speak this dialect. Pure.
//
// Dropped by name: thinking_budget, signed thinking is written as thinking_blocks, cache marks as cache_control.
#pragma once

#include <string_view>

#include "dialects/codec.h"

namespace orchestra {

Upstream encode_openai(const Request& request, std::string_view model);

}  // namespace orchestra
