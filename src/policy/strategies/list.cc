#include "policy/strategies/list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "policy/nearest.h"

namespace orchestra {

extern const Strategy kAutomatic, kPerformance, kAccuracy, kCost, kBalanced, kMultiObjective, kContextAware, kAdaptive,
    kWeightedRoundRobin, kLeastLoaded, kSticky;

namespace {

constexpr std::array<const Strategy*, 11> kStrategies{
    &kAutomatic,           //
    &kPerformance,         //
    &kAccuracy,            //
    &kCost,                //
    &kBalanced,            //
    &kMultiObjective,      //
    &kContextAware,        //
    &kAdaptive,            //
    &kWeightedRoundRobin,  //
    &kLeastLoaded,         //
    &kSticky,
};

}  // namespace

std::span<const Strategy* const> strategies() noexcept {
  return kStrategies;
}

Result<const Strategy*> find_strategy(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Strategy* strategy : kStrategies) {
    if (strategy->name == name || std::ranges::find(strategy->aliases, name) != strategy->aliases.end()) {
      return strategy;
    }
    names.push_back(strategy->name);
  }
  const auto nearest = nearest_names(name, names, 1);
  return fail(Error{.fault = Fault::kInvalid,
                    .what = fmt::format("There is no strategy \"{}\".{} Allowed are {}.", name.substr(0, 60),
                                        nearest.empty() ? "" : fmt::format(" Did you mean \"{}\"?", nearest.front()),
                                        fmt::join(names, ", ")),
                    .code = "unknown_strategy",
                    .param = "strategy"});
}

Result<void> check_weights(const Weights& weights) {
  const std::array<double, 4> all{weights.quality, weights.latency, weights.cost, weights.resources};
  const bool good = std::ranges::all_of(all, [](double weight) { return std::isfinite(weight) && weight >= 0; });
  if (!good) {
    return fail(Error{.fault = Fault::kInvalid,
                      .what = "Weights must be finite and not negative.",
                      .code = "invalid_weights",
                      .param = "weights"});
  }
  if (std::ranges::max(all) > 0) return {};
  return fail(Error{.fault = Fault::kInvalid,
                    .what = "All weights are 0, so that nothing counts. At least one of quality, latency, cost and "
                            "resources must be above 0.",
                    .code = "invalid_weights",
                    .param = "weights"});
}

}  // namespace orchestra
