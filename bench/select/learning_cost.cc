// What learning costs: a refit of 100,000 outcomes, keeping one outcome, and whether memory grows over ten million
// decisions.
//
//   scripts/build release learning_cost && build/release/bin/learning_cost
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "policy/classify/refit.h"
#include "policy/classify/test_outcomes.h"
#include "policy/select.h"
#include "shipped.h"

namespace {

std::atomic<std::int64_t> g_live{0};  // allocations that were not freed

void* counted(std::size_t size) {
  void* const memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  g_live.fetch_add(1, std::memory_order_relaxed);
  return memory;
}
void uncounted(void* memory) noexcept {
  if (memory == nullptr) return;
  g_live.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* memory) noexcept {
  uncounted(memory);
}
void operator delete[](void* memory) noexcept {
  uncounted(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  uncounted(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  uncounted(memory);
}

namespace orchestra {
namespace {

// All of them are labelled and judged: the most work that so many outcomes can make.
std::vector<QueryOutcome> labelled(std::size_t count, const FeatureKey& key) {
  auto outcomes = simulated_outcomes(count, key);
  for (QueryOutcome& outcome : outcomes) {
    outcome.type_label = *outcome.quality > 0.5 ? QueryType::kSimple : QueryType::kResearch;
    outcome.complexity_label = *outcome.quality > 0.5 ? Complexity::kSimple : Complexity::kExpert;
  }
  return outcomes;
}

void refit_outcomes(benchmark::State& state) {
  const FeatureKey key(kTestKey);
  const QueryModels current{.classifier = shipped_classifier(), .routing = std::nullopt};
  const auto outcomes = labelled(static_cast<std::size_t>(state.range(0)), key);
  RefitReport report;
  for (auto _ : state) report = refit(current.classifier, current, outcomes, key).report;
  state.counters["accuracy_before"] = report.accuracy_before.value_or(0);
  state.counters["accuracy_after"] = report.accuracy_after.value_or(0);
  state.counters["traps"] = static_cast<double>(report.traps_after);
  state.counters["traps_before"] = static_cast<double>(report.traps_before);
  state.counters["calibration_error"] = report.calibration_error.value_or(-1);
}
BENCHMARK(refit_outcomes)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond)->UseRealTime();

void keep_outcome(benchmark::State& state) {
  const FeatureKey key(kTestKey);
  std::size_t turn = 0;
  for (auto _ : state) benchmark::DoNotOptimize(key.keep(QueryFeatures(kQueries[turn++ % kQueries.size()])));
}
BENCHMARK(keep_outcome);

// `growth` counts the allocations that are left over; it must be 0.
void decide_without_growth(benchmark::State& state) {
  const FeatureKey key(kTestKey);
  const Classifier classifier = shipped_classifier();
  const QueryModels models =
      *refit(classifier, {.classifier = classifier, .routing = std::nullopt}, simulated_outcomes(2000, key), key)
           .models;
  std::vector<Model> both;
  for (const auto& [id, price] : {std::pair("a/cheap", 300'000), std::pair("b/dear", 10'000'000)}) {
    Model model{.id = ModelId{id}, .capabilities = kCanChat, .context = Tokens(100'000)};
    model.price.input = model.price.output = MicroUsd(price);
    both.push_back(std::move(model));
  }
  const Catalogue catalogue = make_catalogue(1, std::move(both));
  const FactSheet facts = make_fact_sheet(catalogue, nullptr);
  const SelectOptions options;
  const Shape shape{.text_bytes = 400};
  std::uint64_t turn = 0;
  const auto decide = [&] {
    const Demand demand{.strategy = "adaptive", .query = models.classify({.text = kQueries[turn % kQueries.size()]})};
    benchmark::DoNotOptimize(select({.catalogue = catalogue,
                                     .facts = facts,
                                     .health = {},
                                     .measured = {},
                                     .asked = "auto",
                                     .shape = shape,
                                     .demand = demand,
                                     .options = options,
                                     .seed = ++turn}));
  };
  decide();
  const std::int64_t before = g_live;
  for (auto _ : state) decide();
  state.counters["growth"] = static_cast<double>(g_live - before);
}
BENCHMARK(decide_without_growth)->Iterations(10'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace orchestra
