#include "api/model_versions.h"

#include <fmt/format.h>

#include "api/json_body.h"
#include "api/model_lookup.h"

namespace orchestra {
namespace {

Task<void> list(ApiRequest& request, const ModelScene& scene) {
  const CataloguePtr catalogue = scene.snapshots.catalogue;
  const auto model = find_model(*catalogue, request.path.find("model_id")->second);
  if (!model) co_return co_await respond_error(request, model.error(), scene.clock);
  std::string body;
  JsonWriter writer(body);
  writer.begin_object();
  if (const auto& card = catalogue->models[*model].card) {
    for (const ModelVersion& version : card->versions) {
      writer.key(version.version).begin_object().member("created_at", format_time(version.created));
      writer.member("path", version.path).member("active", version.active).end_object();
    }
  }
  writer.end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

struct Version {
  ModelId model;
  std::string version, path;
};

Result<Version> read(const ApiRequest& request, const ModelScene& scene) {
  TRY_VOID(require_admin(request));
  const Catalogue& catalogue = *scene.snapshots.catalogue;
  TRY(const std::size_t model, find_model(catalogue, request.path.find("model_id")->second));
  TRY(auto body, JsonBody::parse(request.http().body));
  Version version{.model = catalogue.models[model].id,
                  .version = body.text("version"),
                  .path = body.optional_text("path").value_or("")};
  TRY_VOID(body.check());
  return version;
}

Task<void> change(ApiRequest& request, const ModelScene& scene, int status, RecordChange change, std::string message) {
  const auto record = co_await scene.registry.change(std::move(change));
  if (!record) co_return co_await respond_error(request, record.error(), scene.clock);
  std::string body;
  JsonWriter(body).begin_object().member("message", message).end_object();
  co_return co_await respond_json(request, status, std::move(body));
}

Task<void> add(ApiRequest& request, const ModelScene& scene) {
  const auto asked = read(request, scene);
  if (!asked) co_return co_await respond_error(request, asked.error(), scene.clock);
  AddVersion version{.id = asked->model, .version = asked->version, .path = asked->path};
  co_return co_await change(request, scene, 201, std::move(version),
                            fmt::format("Version {} of {} is known.", asked->version, asked->model.text));
}

Task<void> activate(ApiRequest& request, const ModelScene& scene) {
  const auto asked = read(request, scene);
  if (!asked) co_return co_await respond_error(request, asked.error(), scene.clock);
  co_return co_await change(request, scene, 200, ActivateVersion{.id = asked->model, .version = asked->version},
                            fmt::format("Version {} of {} is active.", asked->version, asked->model.text));
}

}  // namespace

void add_model_version_routes(Router& router, const ModelScene& scene) {
  const char* path = "/api/models/{model_id...}/versions";
  router.add("GET", path, [scene](ApiRequest& request) { return list(request, scene); });
  router.add("POST", path, [scene](ApiRequest& request) { return add(request, scene); });
  router.add("POST", "/api/models/{model_id...}/versions/activate",
             [scene](ApiRequest& request) { return activate(request, scene); });
}

}  // namespace orchestra
