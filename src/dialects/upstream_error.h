// What an upstream's refusal means, whatever its dialect. Pure; the caller fills in the provider's name and headers.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

// An error as an upstream spelled it; empty where it did not say.
struct UpstreamComplaint {
  std::string message, type, code, param;
};

// The fault by status (0: an error inside a stream, which has none), type and code. `what` keeps the upstream's
// sentence where it can help the caller: cleaned, at most 2 KiB, key-like words masked. For 401 and 403 it never does:
// OpenAI's sentence repeats part of the key.
Error upstream_error(int status, const UpstreamComplaint& complaint);

// `text` on one line of valid UTF-8, at most `most` bytes, words that look like keys replaced by "[key]".
std::string clean_message(std::string_view text, std::size_t most = 2048);

}  // namespace orchestra
