#include "chooser.h"

#include <algorithm>

#include "policy/measured_rows.h"
#include "policy/strategies/adaptive.h"
#include "policy/wants.h"

namespace orchestra::simulation {
namespace {

// A loop gets a new view of what was measured every second.
constexpr Micros kViewEvery = std::chrono::seconds(1);

}  // namespace

Chooser::Chooser(Catalogue catalogue, FakeClock& clock, std::string strategy, Performance::Options learning)
    : catalogue_(std::move(catalogue)), clock_(clock), health_(clock), performance_(learning) {
  options_.strategy = std::move(strategy);
}

Decision Chooser::choose(const Shape& shape, const Demand& demand, const FleetView* fleet, std::uint64_t seed) {
  const TimePoint now = clock_.now();
  if (!view_ || now >= view_until_) {
    view_ = performance_.view(catalogue_, clock_.wall());
    view_until_ = now + kViewEvery;
  }
  const FactSheet facts = make_fact_sheet(catalogue_, fleet);
  std::vector<ModelHealth> health;
  for (const Model& model : catalogue_.models) health.push_back(health_.cell(model.id.text).view(now));
  const int query_class = demand.query ? static_cast<int>(demand.query->type) : kNoQueryClass;
  const auto rows = measured_rows(*view_, shape.task, query_class, prompt_stratum(estimated_input(shape)));
  auto selection = select({.catalogue = catalogue_,
                           .facts = facts,
                           .health = health,
                           .measured = rows,
                           .asked = "auto",
                           .shape = shape,
                           .demand = demand,
                           .options = options_,
                           .seed = seed,
                           .turn = turn_++,
                           .exploration_usd = purse_usd_});
  purse_usd_ = exploration_left(purse_usd_, selection.decision);
  return std::move(selection.decision);
}

}  // namespace orchestra::simulation
