// What a decision costs: classifying a query, choosing among many models by each strategy, and both together.
//
//   scripts/build release select_cost && build/release/bin/select_cost
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "policy/select.h"
#include "policy/strategies/list.h"
#include "shipped.h"

namespace orchestra {
namespace {

struct World {
  explicit World(std::int64_t models) {
    std::vector<Model> all;
    for (std::int64_t i = 0; i < models; ++i) {
      Model model{.id = ModelId{fmt::format("provider{:02}/model-{:05}", i % 40, i)},
                  .capabilities = i % 7 == 0 ? kCanEmbed : kCanChat | kCanStream | (i % 3 == 0 ? kCanUseTools : 0U),
                  .context = Tokens(8192 << (i % 5))};
      model.price.input = MicroUsd(100'000 + i * 37 % 3'000'000);
      model.price.output = MicroUsd(400'000 + i * 91 % 15'000'000);
      model.card =
          std::make_shared<ModelCard>(ModelCard{.claimed = {.quality = 0.4 + static_cast<double>(i * 17 % 60) / 100}});
      all.push_back(std::move(model));
    }
    catalogue = make_catalogue(1, std::move(all));
    facts = make_fact_sheet(catalogue, nullptr);
    health.resize(catalogue.models.size());
    measured.resize(catalogue.models.size());
    for (std::size_t i = 0; i < measured.size(); i += 2) {
      measured[i] = {.quality = 0.7F, .success = 0.98F, .first_content = 0.4F, .tokens_per_second = 60, .samples = 40};
    }
  }
  Selection decide(const Demand& demand, std::uint64_t seed, double exploration_usd = 0) const {
    return select({.catalogue = catalogue,
                   .facts = facts,
                   .health = health,
                   .measured = measured,
                   .asked = "auto",
                   .shape = shape,
                   .demand = demand,
                   .options = options,
                   .seed = seed,
                   .turn = seed,
                   .exploration_usd = exploration_usd});
  }

  Catalogue catalogue;
  FactSheet facts;
  std::vector<ModelHealth> health;
  std::vector<Measured> measured;
  Shape shape{.text_bytes = 400};
  SelectOptions options;
};

void classify(benchmark::State& state) {
  const Classifier shipped = shipped_classifier();
  std::size_t turn = 0;
  for (auto _ : state) benchmark::DoNotOptimize(shipped.classify({.text = kQueries[turn++ % kQueries.size()]}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(classify);

void choose(benchmark::State& state) {
  const World world(state.range(0));
  const Strategy& strategy = *strategies()[static_cast<std::size_t>(state.range(1))];
  const Demand demand{.strategy = std::string(strategy.name)};
  std::uint64_t seed = 0;
  for (auto _ : state) benchmark::DoNotOptimize(world.decide(demand, ++seed));
  state.SetLabel(std::string(strategy.name));
}
BENCHMARK(choose)->ArgsProduct({{100, 10'000}, benchmark::CreateDenseRange(0, 10, 1)})->Unit(benchmark::kMicrosecond);

// "adaptive" where money is no object: everybody may be drawn upwards.
void explore(benchmark::State& state) {
  const World world(state.range(0));
  const Demand demand{.strategy = "adaptive"};
  std::uint64_t seed = 0;
  for (auto _ : state) benchmark::DoNotOptimize(world.decide(demand, ++seed, 1.0));
}
BENCHMARK(explore)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

void classify_and_choose(benchmark::State& state) {
  const World world(state.range(0));
  const Classifier shipped = shipped_classifier();
  std::uint64_t turn = 0;
  for (auto _ : state) {
    Demand demand;
    demand.query = shipped.classify({.text = kQueries[turn++ % kQueries.size()]});
    benchmark::DoNotOptimize(world.decide(demand, turn));
  }
}
BENCHMARK(classify_and_choose)->Arg(100)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace orchestra
