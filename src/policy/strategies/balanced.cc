// "balanced": all four terms alike.
#include "policy/strategies/weighted.h"

#include <array>

namespace orchestra {
namespace {

constexpr std::array<std::string_view, 1> kAliases{"resource_balanced"};

}  // namespace

extern const Strategy kBalanced;
const Strategy kBalanced{.name = "balanced",
                         .aliases = kAliases,
                         .summary = "Quality, time, cost and resources alike",
                         .rank = rank_by_weights<kBalancedWeights>};

}  // namespace orchestra
