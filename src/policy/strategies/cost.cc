// "cost": README 003's weights of cost_priority.
#include "policy/strategies/weighted.h"

#include <array>

namespace orchestra {
namespace {

constexpr Weights kWeights{.quality = 0.1, .latency = 0.1, .cost = 0.7, .resources = 0.1};
constexpr std::array<std::string_view, 1> kAliases{"cheapest"};

}  // namespace

extern const Strategy kCost;
const Strategy kCost{
    .name = "cost", .aliases = kAliases, .summary = "The cheapest expected answer", .rank = rank_by_weights<kWeights>};

}  // namespace orchestra
