// What a registry of many models costs: building the catalogue, answering one page of /api/models, making a performance
// view, and looking every model up in it as the select step does. Prints one JSON object, best of several rounds.
//
//   registry_cost [models, default 10000]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "api/model_json.h"
#include "api/model_page.h"
#include "ports/fake_outcomes.h"
#include "ports/fake_registry.h"
#include "registry/catalogue.h"
#include "registry/performance.h"
#include "settings/load.h"

namespace orchestra {
namespace {

constexpr int kRounds = 9;

template <class Work>
double best_micros(Work work) {
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count());
  }
  return best;
}

// Names that known rows and prices match, and names that nothing matches; a tenth of them is registered.
CatalogueParts parts_of(const settings::Settings& settings, std::size_t models) {
  CatalogueParts parts{.known = settings.known_models.rows};
  for (const auto& row : settings.prices.rows) parts.prices.push_back({row.provider, row.pattern, row.price});
  const std::vector<std::string> names = {"gpt-4o-mini-{}", "claude-sonnet-4-5-{}", "meta-llama/Llama-3.3-70B-{}",
                                          "unknown-vendor-{}", "qwen3-{}b"};
  const std::vector<std::string> providers = {"openai", "anthropic", "together", "openrouter", "ollama"};
  std::vector<RecordPtr> records;
  for (std::size_t i = 0; i < models; ++i) {
    const std::string& provider = providers[i % providers.size()];
    Model model;
    model.id.text = provider + "/" + fmt::format(fmt::runtime(names[i / 5 % names.size()]), i);
    model.capabilities = kCanChat | kCanStream;
    if (i % 10 == 0) {
      records.push_back(std::make_shared<const ModelRecord>(ModelRecord{.id = model.id, .description = "ours"}));
    }
    parts.by_provider[provider].push_back(std::move(model));
  }
  parts.records = std::make_shared<const Records>(std::move(records));
  return parts;
}

void learn(Performance& performance, const Catalogue& catalogue, WallTime now) {
  for (std::size_t i = 0; i < catalogue.models.size(); ++i) {
    for (int fact = 0; fact < 6; ++fact) {
      performance.note({.model = catalogue.models[i].id,
                        .query_class = fact % kQueryClasses,
                        .stratum = fact % kPromptStrata,
                        .first_content = Micros(100'000 + 10 * static_cast<std::int64_t>(i)),
                        .success = true,
                        .when = now});
    }
  }
}

std::size_t render_page(const ModelScene& scene, const ModelQuery& query) {
  const ModelWriter models(scene);
  std::string body;
  JsonWriter writer(body);
  writer.begin_array();
  for (const std::size_t model : find_page(models.catalogue(), query).models) models.write_002(writer, model);
  writer.end_array();
  return body.size();
}

int run(std::size_t count) {
  const auto settings = settings::load({});
  if (!settings) {
    fmt::print(stderr, "{}\n", settings::text(settings.error()));
    return 1;
  }
  const SystemClock clock;
  const CatalogueParts parts = parts_of(*settings, count);
  CataloguePtr catalogue;
  const double build = best_micros([&] { catalogue = std::make_shared<const Catalogue>(build_catalogue(parts, 1)); });

  Performance performance;
  learn(performance, *catalogue, clock.wall());
  PerformanceViewPtr view;
  const double make_view = best_micros([&] { view = performance.view(*catalogue, clock.wall()); });
  double sum = 0;
  const double look_up = best_micros([&] {
    for (std::size_t i = 0; i < view->size(); ++i) {
      sum += static_cast<double>(view->estimate(i, TaskKind::kChat, 2, 2).quality.value);
    }
  });

  const Snapshots snapshots{.catalogue = catalogue, .fleet = nullptr, .performance = view};
  FakeRegistry registry;
  FakeOutcomes outcomes;
  const ModelScene scene{.snapshots = snapshots,
                         .registry = registry,
                         .outcomes = outcomes,
                         .pulse = [](const ModelId&) { return ModelPulse{}; },
                         .providers = [] { return std::vector<HealthFacts::Provider>(); },
                         .clock = clock};
  std::size_t bytes = 0;
  const double page = best_micros([&] { bytes = render_page(scene, {.page = 100}); });
  const double search = best_micros([&] { render_page(scene, {.search = "unknown-vendor"}); });
  fmt::print(
      "{{\"models\":{},\"cells\":{},\"build_catalogue_ms\":{:.2f},\"page_of_20_us\":{:.0f},\"page_bytes\":{},"
      "\"search_page_us\":{:.0f},\"performance_view_ms\":{:.2f},\"look_up_all_us\":{:.1f},\"mean_quality\":{:.3f}}}\n",
      catalogue->models.size(), performance.cells(), build / 1000, page, bytes, search, make_view / 1000, look_up,
      sum / kRounds / static_cast<double>(view->size()));
  return 0;
}

}  // namespace
}  // namespace orchestra

int main(int argc, char** argv) {
  return orchestra::run(argc > 1 ? static_cast<std::size_t>(std::max(1, std::atoi(argv[1]))) : 10'000);
}
