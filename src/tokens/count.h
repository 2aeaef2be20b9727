// How many tokens a text has.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "tokens/encoding.h"
#include "tokens/ranks.h"

namespace orchestra {

// What chat models add to every message, and to the whole for the beginning of the answer (OpenAI's cookbook, "How to
// count tokens").
inline constexpr Tokens kPerMessage{3}, kPerChat{3};

inline constexpr Tokens kNoLimit{std::numeric_limits<std::int64_t>::max()};

// As OpenAI's tiktoken counts with no special tokens: those in the text are text. Stops at the first piece behind
// `limit`, which it then exceeds. Some 5 MB of text a second; any thread.
Tokens count_tokens(std::string_view text, Encoding encoding, Tokens limit = kNoLimit);
// Of all of them together.
Tokens count_tokens(const std::vector<std::string>& texts, Encoding encoding, Tokens limit = kNoLimit);

// Of one piece (tokens/pieces.h): byte pairs are merged, the lowest rank and then the leftmost first, until no two
// neighbours make a token. Time grows as n log n. Of a piece of more than 64 KiB every 64 KiB count by themselves.
std::int64_t tokens_in_piece(const Ranks& ranks, std::string_view piece);

}  // namespace orchestra
