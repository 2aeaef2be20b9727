// What an answer cost, and what one may cost at most. Pure integer arithmetic; unknown is unknown, never 0.
#pragma once

#include <optional>

#include "base/units.h"
#include "domain/usage.h"

namespace orchestra {

// The sum over all kinds of tokens of count * price, rounded half up to a micro-dollar once, at the end. Cached and
// written prompt tokens, reasoning and audio are taken out of `input` and `output` and charged at their own prices.
// Nothing when tokens were used whose price is unknown.
std::optional<MicroUsd> cost(const Usage& usage, const Price& price) noexcept;

// The most that a request can cost: all of `input` at the dearest known input price, and `most_output` at the dearest
// known output price; rounded up. Nothing when the plain price of either is unknown and it is not 0 tokens.
std::optional<MicroUsd> reservation(Tokens input, Tokens most_output, const Price& price) noexcept;

}  // namespace orchestra
