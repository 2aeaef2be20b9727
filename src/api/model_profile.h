// How README 003's code describes a model (CONTRACTS 4.2). Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/model.h"
#include "domain/performance.h"

namespace orchestra {

// What is not known is empty.
struct ModelProfile {
  // README 003's tasks. Of a model of which no skill is known, what its kind does.
  std::vector<std::string_view> tasks;
  // very_slow, slow, moderate, fast, very_fast: below 10, 20, 35, 80 tokens a second, or more.
  std::optional<std::string_view> speed;
  // basic, good, very_good, excellent, exceptional: from 0, 0.65, 0.75, 0.82 and 0.9 on. What sort of model it is, so
  // of the claim, where there is one; else of the measured quality.
  std::optional<std::string_view> tier;
  std::optional<double> usd_per_1k;  // of output tokens, else of input tokens
  std::optional<double> ram_gb;      // what a local one needs, in powers of 1000
};

// What was measured of the model at `index`; without samples where the view is of another catalogue, or null.
const Estimate& measured_of(const Catalogue& catalogue, const PerformanceView* performance, std::size_t index) noexcept;

// `measured` with no samples: only claims count.
ModelProfile profile_of(const Model& model, const Estimate& measured);

// The value of a member that lists them.
void write_tasks(JsonWriter& writer, const ModelProfile& profile);

}  // namespace orchestra
