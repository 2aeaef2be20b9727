#include "api/model_registry.h"

#include "api/model_json.h"
#include "api/model_lookup.h"
#include "api/model_usage.h"
#include "api/model_words.h"
#include "base/ascii.h"

namespace orchestra {
namespace {

// Whether a model of the catalogue belongs into the answer.
using Wanted = std::function<bool(const ModelWriter&, std::size_t)>;

Task<void> list(ApiRequest& request, const ModelScene& scene, Wanted wanted) {
  const ModelWriter models(scene);
  std::string body;
  JsonWriter writer(body);
  writer.begin_array();
  for (std::size_t i = 0; i < models.catalogue().models.size(); ++i) {
    if (wanted(models, i)) models.write_004(writer, i);
  }
  writer.end_array();
  co_return co_await respond_json(request, 200, std::move(body));
}

// README 000's list of what is loaded.
Task<void> loaded(ApiRequest& request, const ModelScene& scene) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("models").begin_array();
  const FleetViewPtr fleet = scene.snapshots.fleet;
  for (const WorkerView& worker : fleet ? fleet->workers : std::vector<WorkerView>()) {
    if (worker.state != WorkerState::kReady) continue;
    const double megabytes = static_cast<double>(worker.need.count) / (1024.0 * 1024.0);
    writer.begin_object().member("name", worker.model.name()).member("path", "").member("shards", 1);
    writer.member("vram_mb", worker.device.starts_with("gpu") ? megabytes : 0.0);
    writer.member("loaded_at", format_time(worker.since));
    writer.member("last_accessed", format_time(worker.last_used)).end_object();
  }
  writer.end_array().end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

Task<void> all(ApiRequest& request, const ModelScene& scene) {
  if (request.http().surface == "000") co_return co_await loaded(request, scene);
  co_return co_await list(request, scene, [](const ModelWriter&, std::size_t) { return true; });
}

Task<void> stable(ApiRequest& request, const ModelScene& scene) {
  co_return co_await list(request, scene, [](const ModelWriter& models, std::size_t model) {
    return maturity_of(models.catalogue().models[model]) == Maturity::kStable;
  });
}

Task<void> refiners(ApiRequest& request, const ModelScene& scene) {
  co_return co_await list(request, scene,
                          [](const ModelWriter& models, std::size_t model) { return models.is_refiner(model); });
}

Task<void> of_capability(ApiRequest& request, const ModelScene& scene) {
  const std::string word = request.path.find("capability")->second;
  co_return co_await list(request, scene, [word](const ModelWriter& models, std::size_t model) {
    return has_capability(models.catalogue().models[model], word).value_or(false);
  });
}

Task<void> of_provider(ApiRequest& request, const ModelScene& scene) {
  const std::string provider = ascii_lowered(request.path.find("provider")->second);
  co_return co_await list(request, scene, [provider](const ModelWriter& models, std::size_t model) {
    return models.catalogue().models[model].id.provider() == provider;
  });
}

Task<void> one(ApiRequest& request, const ModelScene& scene) {
  const ModelWriter models(scene);
  const auto model = find_model(models.catalogue(), request.path.find("model_id")->second);
  if (!model) co_return co_await respond_error(request, model.error(), scene.clock);
  std::string body;
  JsonWriter writer(body);
  models.write_004(writer, *model);
  co_return co_await respond_json(request, 200, std::move(body));
}

Task<void> usage(ApiRequest& request, const ModelScene& scene) {
  const CataloguePtr catalogue = scene.snapshots.catalogue;
  const auto model = find_model(*catalogue, request.path.find("model_id")->second);
  if (!model) co_return co_await respond_error(request, model.error(), scene.clock);
  const auto fact = read_model_usage(request.http(), catalogue->models[*model].id, scene.clock.wall());
  if (!fact) co_return co_await respond_error(request, fact.error(), scene.clock);
  scene.outcomes.note(*fact);
  co_return co_await respond_json(request, 200, R"({"status":"recorded"})");
}

}  // namespace

void add_model_registry_routes(Router& router, const ModelScene& scene) {
  const auto add = [&](const char* method, const char* path, Task<void> (*route)(ApiRequest&, const ModelScene&)) {
    router.add(method, path, [scene, route](ApiRequest& request) { return route(request, scene); });
  };
  add("GET", "/models", all);
  add("GET", "/models/stable", stable);
  add("GET", "/models/refiners", refiners);
  add("GET", "/models/capability/{capability}", of_capability);
  add("GET", "/models/provider/{provider}", of_provider);
  add("POST", "/models/{model_id...}/usage", usage);
  add("GET", "/models/{model_id...}", one);
}

}  // namespace orchestra
