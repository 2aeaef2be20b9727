// "accuracy": quality decides, the other terms only between near equals. README 003's quality_priority (0.7 and three
// times 0.1) would take a model that is a tenth worse because it is cheap.
#include "policy/strategies/weighted.h"

#include <array>

namespace orchestra {
namespace {

constexpr Weights kWeights{.quality = 0.85, .latency = 0.05, .cost = 0.05, .resources = 0.05};
constexpr std::array<std::string_view, 2> kAliases{"best_quality", "quality"};

}  // namespace

extern const Strategy kAccuracy;
const Strategy kAccuracy{
    .name = "accuracy", .aliases = kAliases, .summary = "The best expected answer", .rank = rank_by_weights<kWeights>};

}  // namespace orchestra
