#include "chooser.h"

#include <algorithm>

#include "policy/strategies/adaptive.h"
#include "policy/wants.h"

namespace orchestra::simulation {
namespace {

// As in gateway/decisions.cc: a loop gets a new view of what was measured every second, and pays for exploring a
// twentieth of what was spent.
constexpr Micros kViewEvery = std::chrono::seconds(1);
constexpr double kExplorationShare = 0.05, kMostExplorationUsd = 1.0;

float known(const Figure& figure, const Figure& whole) noexcept {
  return figure.samples > 0 || whole.samples > 0 ? figure.value : -1.0F;
}

}  // namespace

Catalogue catalogue_of(std::vector<Model> models) {
  Catalogue catalogue{.version = 1, .models = std::move(models)};
  std::ranges::sort(catalogue.models, {}, &Model::id);
  for (std::size_t i = 0; i < catalogue.models.size(); ++i) {
    const ModelId& id = catalogue.models[i].id;
    catalogue.by_id[id.text] = i;
    catalogue.by_bare_name[std::string(id.name())].push_back(i);
  }
  return catalogue;
}

Chooser::Chooser(Catalogue catalogue, FakeClock& clock, std::string strategy, Performance::Options learning)
    : catalogue_(std::move(catalogue)), clock_(clock), health_(clock), performance_(learning) {
  options_.strategy = std::move(strategy);
}

std::vector<Measured> Chooser::measured(const Shape& shape, const Demand& demand) const {
  const int query_class = demand.query ? static_cast<int>(demand.query->type) : kNoQueryClass;
  const int stratum = prompt_stratum(estimated_input(shape));
  std::vector<Measured> rows;
  for (std::size_t model = 0; model < view_->size(); ++model) {
    const Estimate& here = view_->estimate(model, shape.task, query_class, stratum);
    const Estimate& whole = view_->expected(model);
    rows.push_back({.quality = known(here.quality, whole.quality),
                    .success = known(here.success, whole.success),
                    .first_content = known(here.first_content, whole.first_content),
                    .tokens_per_second = known(here.tokens_per_second, whole.tokens_per_second),
                    .samples = here.quality.samples});
  }
  return rows;
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
  const auto rows = measured(shape, demand);
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
  if (const auto spent = exploration_cost(selection.decision)) {
    purse_usd_ =
        std::clamp(purse_usd_ + kExplorationShare * spent->usual_usd - spent->extra_usd, 0.0, kMostExplorationUsd);
  }
  return std::move(selection.decision);
}

}  // namespace orchestra::simulation
