#include "policy/measured_rows.h"

namespace orchestra {
namespace {

float figure(const Figure& here, const Figure& whole) noexcept {
  return here.samples > 0 || whole.samples > 0 ? here.value : -1.0F;
}

}  // namespace

std::vector<Measured> measured_rows(const PerformanceView& view, TaskKind task, int query_class, int stratum) {
  std::vector<Measured> rows;
  rows.reserve(view.size());
  for (std::size_t model = 0; model < view.size(); ++model) {
    const Estimate& here = view.estimate(model, task, query_class, stratum);
    const Estimate& whole = view.expected(model);
    rows.push_back({.quality = figure(here.quality, whole.quality),
                    .success = figure(here.success, whole.success),
                    .first_content = figure(here.first_content, whole.first_content),
                    .tokens_per_second = figure(here.tokens_per_second, whole.tokens_per_second),
                    .completion = figure(here.completion, whole.completion),
                    .samples = here.quality.samples});
  }
  return rows;
}

}  // namespace orchestra
