// "accuracy": README 003's weights of quality_priority.
#include "policy/strategies/weighted.h"

#include <array>

namespace orchestra {
namespace {

constexpr Weights kWeights{.quality = 0.7, .latency = 0.1, .cost = 0.1, .resources = 0.1};
constexpr std::array<std::string_view, 2> kAliases{"best_quality", "quality"};

}  // namespace

extern const Strategy kAccuracy;
const Strategy kAccuracy{.name = "accuracy", .aliases = kAliases, .summary = "The best expected answer", .rank = rank_by_weights<kWeights>};

}  // namespace orchestra
