// What this machine has and uses, as the control thread samples it.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace orchestra {

struct ResourceSample {
  WallTime at{};
  Bytes total, available;           // memory, within what this process may use
  std::optional<double> cpu;        // share of all cores that was busy since the sample before, 0 to 1
  std::optional<double> swap_used;  // share; empty: there is no swap
};

// The share of the memory that is taken, 0 to 1.
inline double memory_pressure(const ResourceSample& sample) noexcept {
  if (sample.total.count <= 0) return 0;
  const double free = static_cast<double>(sample.available.count) / static_cast<double>(sample.total.count);
  return std::clamp(1.0 - free, 0.0, 1.0);
}

// "low", from 0.3 on "moderate", from 0.7 on "high", from 0.9 on "critical" (CONTRACTS 4.4).
constexpr std::string_view pressure_word(double pressure) noexcept {
  return pressure >= 0.9 ? "critical" : pressure >= 0.7 ? "high" : pressure >= 0.3 ? "moderate" : "low";
}

struct ResourceView {
  ResourceSample now;
  // The means of the minutes that are over, oldest first. Shared: by the views of a minute.
  std::shared_ptr<const std::vector<ResourceSample>> minutes;
};
using ResourceViewPtr = std::shared_ptr<const ResourceView>;  // shared: every loop keeps the latest

}  // namespace orchestra
