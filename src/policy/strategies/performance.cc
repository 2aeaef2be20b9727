// "performance": README 003's weights of speed_priority.
#include "policy/strategies/weighted.h"

#include <array>

namespace orchestra {
namespace {

constexpr Weights kWeights{.quality = 0.1, .latency = 0.7, .cost = 0.1, .resources = 0.1};
constexpr std::array<std::string_view, 2> kAliases{"fastest", "speed"};

}  // namespace

extern const Strategy kPerformance;
const Strategy kPerformance{.name = "performance",
                            .aliases = kAliases,
                            .summary = "The fastest expected answer",
                            .rank = rank_by_weights<kWeights>};

}  // namespace orchestra
