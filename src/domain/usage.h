// What an answer consumed, in the units that are priced.
#pragma once

#include <optional>

#include "base/units.h"

namespace orchestra {

struct Usage {
  Tokens input;         // all prompt tokens, cached ones included
  Tokens output;        // all completion tokens, reasoning included
  Tokens cached_input;  // the part of `input` read from the provider's prompt cache
  Tokens cache_write;   // the part of `input` written to it (Anthropic)
  Tokens reasoning;     // the part of `output` spent on reasoning
  Tokens audio_input, audio_output;
  bool known = false;  // the upstream said so; otherwise the counts are our own estimate
};

// Prices in micro-dollars per million tokens. A missing price is unknown, which is not 0.
struct Price {
  std::optional<MicroUsd> input, output, cached_input, cache_write, reasoning, audio_input, audio_output;
  friend bool operator==(const Price&, const Price&) = default;
};

}  // namespace orchestra
