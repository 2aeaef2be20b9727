#include "api/registered_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/json_body.h"
#include "api/model_body.h"
#include "api/model_json.h"
#include "api/model_lookup.h"
#include "api/model_page.h"
#include "api/model_words.h"
#include "base/ascii.h"

namespace orchestra {
namespace {

Task<void> answer_page(ApiRequest& request, const ModelScene& scene) {
  const auto query = parse_model_query(request.http().query);
  if (!query) co_return co_await respond_error(request, query.error(), scene.clock);
  const ModelWriter models(scene);
  const ModelPage page = find_page(models.catalogue(), *query);
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("items").begin_array();
  for (const std::size_t model : page.models) models.write_002(writer, model);
  writer.end_array().member("total", page.total).member("page", query->page).member("page_size", query->page_size);
  writer.end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

Task<void> answer_array(ApiRequest& request, const ModelScene& scene) {
  constexpr std::array<std::string_view, 4> kTypes = {"llm", "vision", "audio", "multimodal"};
  const std::string type = ascii_lowered(query_parameter(request.http().query, "type_filter").value_or(""));
  if (!type.empty() && std::ranges::find(kTypes, type) == kTypes.end()) {
    const Error error{.fault = Fault::kUnprocessable,
                      .what = fmt::format("type_filter must be one of {}.", fmt::join(kTypes, ", ")),
                      .param = "type_filter"};
    co_return co_await respond_error(request, error, scene.clock);
  }
  const ModelWriter models(scene);
  std::string body;
  JsonWriter writer(body);
  writer.begin_array();
  for (std::size_t i = 0; i < models.catalogue().models.size(); ++i) {
    if (type.empty() || type_of(models.catalogue().models[i]) == type) models.write_001(writer, i);
  }
  writer.end_array();
  co_return co_await respond_json(request, 200, std::move(body));
}

Task<void> list(ApiRequest& request, const ModelScene& scene, bool slash) {
  const std::string& query = request.http().query;
  const bool array = query_parameter(query, "type_filter") || (slash && !asks_for_page(query));
  co_return co_await (array ? answer_array(request, scene) : answer_page(request, scene));
}

enum class Form { k001, k002 };

// One model as the catalogue has it now.
Task<void> answer_model(ApiRequest& request, const ModelScene& scene, int status, std::string_view name, Form form) {
  const ModelWriter models(scene);
  const auto model = find_model(models.catalogue(), name);
  if (!model) co_return co_await respond_error(request, model.error(), scene.clock);
  std::string body;
  JsonWriter writer(body);
  if (form == Form::k001) {
    models.write_001(writer, *model);
  } else {
    models.write_002(writer, *model);
  }
  co_return co_await respond_json(request, status, std::move(body));
}

Form form_of(const ApiRequest& request) {
  return request.http().surface == "001" ? Form::k001 : Form::k002;
}

Result<RecordChange> read_creation(JsonBody& body) {
  const std::string name = body.text("model_id"), provider = body.text("provider");
  TRY_VOID(body.check());
  TRY(ModelRecord fields, read_model_fields(body.members()));
  if (!fields.tasks) {
    return fail(Error{.fault = Fault::kUnprocessable,
                      .what = "capabilities is missing: a list of at least one word, such as CHAT.",
                      .param = "capabilities"});
  }
  const std::string prefix = ascii_lowered(provider) + "/";
  fields.id.text = name.starts_with(prefix) ? name : prefix + name;
  return CreateRecord{std::move(fields)};
}

Result<RecordChange> read_upsert(JsonBody& body, const Catalogue& catalogue) {
  const std::string name = body.text("model_id");
  for (const char* key : {"name", "type", "version"}) body.text(key);
  const std::string provider = ascii_lowered(body.optional_text("provider").value_or(""));
  TRY_VOID(body.check());
  TRY(ModelRecord fields, read_model_fields(body.members()));
  fields.id = id_for(catalogue, name, provider);
  if (!fields.tasks && !catalogue.by_id.contains(fields.id.text) &&
      (fields.type == "llm" || fields.type == "multimodal")) {
    fields.tasks = kCanChat | kCanComplete;
  }
  return UpsertRecord{std::move(fields)};
}

bool is_upsert(const JsonBody& body, bool slash) {
  if (body.has("provider") && body.has("capabilities")) return false;
  return slash || (body.has("type") && body.has("name") && body.has("version"));
}

Task<void> create(ApiRequest& request, const ModelScene& scene, bool slash) {
  if (const auto admin = require_admin(request); !admin) {
    co_return co_await respond_error(request, admin.error(), scene.clock);
  }
  auto body = JsonBody::parse(request.http().body);
  if (!body) co_return co_await respond_error(request, body.error(), scene.clock);
  const bool upsert = is_upsert(*body, slash);
  auto change = upsert ? read_upsert(*body, *scene.snapshots.catalogue) : read_creation(*body);
  if (!change) co_return co_await respond_error(request, change.error(), scene.clock);
  const auto record = co_await scene.registry.change(std::move(*change));
  if (!record) co_return co_await respond_error(request, record.error(), scene.clock);
  co_return co_await answer_model(request, scene, 201, (*record)->id.text, upsert ? Form::k001 : Form::k002);
}

Task<void> get(ApiRequest& request, const ModelScene& scene) {
  std::string name = request.path.find("model_id")->second;
  if (!find_model(*scene.snapshots.catalogue, name)) {
    if (auto model = scene.stand_in(name)) name = std::move(model->text);
  }
  co_return co_await answer_model(request, scene, 200, name, form_of(request));
}

Result<RecordChange> read_update(const ApiRequest& request, const ModelScene& scene) {
  TRY_VOID(require_admin(request));
  const Catalogue& catalogue = *scene.snapshots.catalogue;
  TRY(const std::size_t model, find_model(catalogue, request.path.find("model_id")->second));
  TRY(const auto body, JsonBody::parse(request.http().body));
  TRY(ModelRecord fields, read_model_fields(body.members()));
  fields.id = catalogue.models[model].id;
  return UpdateRecord{std::move(fields)};
}

Task<void> update(ApiRequest& request, const ModelScene& scene) {
  auto change = read_update(request, scene);
  if (!change) co_return co_await respond_error(request, change.error(), scene.clock);
  const auto record = co_await scene.registry.change(std::move(*change));
  if (!record) co_return co_await respond_error(request, record.error(), scene.clock);
  co_return co_await answer_model(request, scene, 200, (*record)->id.text, form_of(request));
}

Result<RecordChange> read_removal(const ApiRequest& request, const ModelScene& scene) {
  TRY_VOID(require_admin(request));
  const Catalogue& catalogue = *scene.snapshots.catalogue;
  TRY(const std::size_t index, find_model(catalogue, request.path.find("model_id")->second));
  const std::string files = ascii_lowered(query_parameter(request.http().query, "delete_files").value_or("false"));
  if (files != "false" && files != "0") {
    return fail(Error{.fault = Fault::kUnprocessable,
                      .what = "This server does not delete model files. Remove the file from the model folder: the "
                              "model is gone within seconds.",
                      .param = "delete_files"});
  }
  const Model& model = catalogue.models[index];
  if (model.card && model.card->registered) return RemoveRecord{model.id};
  return fail(
      Error{.fault = Fault::kConflict,
            .what = fmt::format("{} is not registered here: {} it. PUT {{\"status\": \"INACTIVE\"}} puts it out "
                                "of use.",
                                model.id.text,
                                model.local ? "its file is in the model folder, which offers" : "its provider lists"),
            .param = "model_id"});
}

Task<void> remove(ApiRequest& request, const ModelScene& scene) {
  auto change = read_removal(request, scene);
  if (!change) co_return co_await respond_error(request, change.error(), scene.clock);
  const auto removed = co_await scene.registry.change(std::move(*change));
  if (!removed) co_return co_await respond_error(request, removed.error(), scene.clock);
  HttpResponse response{.status = 204, .content_type = "", .body = "", .fields = {}};
  response.fields.emplace_back("x-request-id", request.id.text());
  co_return co_await request.exchange.respond(std::move(response));
}

}  // namespace

ModelId id_for(const Catalogue& catalogue, std::string_view name, std::string_view provider) {
  if (!provider.empty()) {
    const bool whole = name.starts_with(fmt::format("{}/", provider));
    return {whole ? std::string(name) : fmt::format("{}/{}", provider, name)};
  }
  if (const auto model = find_model(catalogue, name)) return catalogue.models[*model].id;
  return {name.starts_with("local/") ? std::string(name) : fmt::format("local/{}", name)};
}

void add_registered_model_routes(Router& router, const ModelScene& scene) {
  for (const bool slash : {false, true}) {
    const char* path = slash ? "/api/models/" : "/api/models";
    router.add("GET", path, [scene, slash](ApiRequest& request) { return list(request, scene, slash); });
    router.add("POST", path, [scene, slash](ApiRequest& request) { return create(request, scene, slash); });
  }
  const char* one = "/api/models/{model_id...}";
  router.add("GET", one, [scene](ApiRequest& request) { return get(request, scene); });
  router.add("PUT", one, [scene](ApiRequest& request) { return update(request, scene); });
  router.add("DELETE", one, [scene](ApiRequest& request) { return remove(request, scene); });
}

}  // namespace orchestra
