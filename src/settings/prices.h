// The price list: USD per million tokens, by provider and model.
#pragma once

#include <string>

#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

// A price list file:
//
//   as_of: 2026-01-02
//   openai:
//     source: https://...
//     models:
//       gpt-4o: {input: 2.50, output: 10.00, cached_input: 1.25}
//       gpt-4o-mini-*: {input: 0.15, output: 0.60}
//
// A name may end in '*' and then matches by prefix. What is not listed is unknown, which is not 0. Prices are decimal
// numbers from 0 to 100000 with at most 6 places, read exactly.
Prices read_prices(Section& root);

// "2.5" is 2,500,000 micro-dollars.
Result<MicroUsd> parse_usd(std::string_view text);

}  // namespace orchestra::settings
