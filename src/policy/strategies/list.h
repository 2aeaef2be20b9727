// Every strategy there is.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/strategies/strategy.h"

namespace orchestra {

std::span<const Strategy* const> strategies() noexcept;

// By name or alias, case-sensitive. kInvalid with code "unknown_strategy", the nearest spelling and the allowed names.
Result<const Strategy*> find_strategy(std::string_view name);

// kInvalid: weights that are negative, not finite, or all 0.
Result<void> check_weights(const Weights& weights);

}  // namespace orchestra
