#include "api/models.h"

#include <algorithm>

#include "api/model_lookup.h"
#include "base/json.h"
#include "dialects/codec.h"

namespace orchestra {
namespace {

std::string_view state_of(const Model& model, const FleetView* fleet) {
  if (!model.local) return "remote";
  const WorkerView* worker = fleet ? fleet->find(model.id) : nullptr;
  return worker_state_name(worker ? worker->state : WorkerState::kCold);
}

void write_facts(JsonWriter& writer, const LocalFacts& facts) {
  writer.key("details").begin_object().member("architecture", facts.architecture);
  writer.member("quantization", facts.quantization).member("layers", facts.layers);
  writer.member("parameters", facts.parameters).member("size", facts.file_size.count);
  writer.member("memory", facts.need.count).member("chat_template", !facts.chat_template.empty());
  writer.end_object();
}

void write_model(JsonWriter& writer, const Model& model, const FleetView* fleet) {
  writer.begin_object().member("id", model.id.text).member("object", "model").member("created", model.created);
  writer.member("owned_by", model.id.provider()).member("provider", model.id.provider());
  if (!model.display_name.empty()) writer.member("display_name", model.display_name);
  writer.key("capabilities").begin_array();
  for (const auto& [bit, name] : kCapabilityNames) {
    if (known_capabilities(model) & bit) writer.string(name);
  }
  writer.end_array().member("local", model.local).member("state", state_of(model, fleet));
  const bool active = !model.card || model.card->active;
  const Maturity maturity = model.card ? model.card->maturity : Maturity::kStable;
  writer.member("status", active ? maturity_name(maturity) : "inactive").member("offered", model.offered);
  if (model.context) writer.member("context_length", model.context->count);
  if (model.facts) write_facts(writer, *model.facts);
  writer.end_object();
}

void write_alias(JsonWriter& writer, const Alias& alias) {
  writer.begin_object().member("id", alias.name).member("object", "model").member("created", 0);
  writer.member("owned_by", "alias").member("provider", "alias").key("chain").begin_array();
  for (const std::string& name : alias.chain) writer.string(name);
  writer.end_array().end_object();
}

Task<void> list(ApiRequest& request, const Snapshots& snapshots) {
  const CataloguePtr catalogue = snapshots.catalogue;
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("object", "list").key("data").begin_array();
  for (const Model& model : catalogue->models) write_model(writer, model, snapshots.fleet.get());
  for (const Alias& alias : catalogue->aliases) write_alias(writer, alias);
  writer.end_array().end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

Task<void> one(ApiRequest& request, const Snapshots& snapshots) {
  const CataloguePtr catalogue = snapshots.catalogue;
  const std::string& name = request.path.find("model")->second;
  std::string body;
  JsonWriter writer(body);
  // As in requests, an alias goes before a model of its name.
  const auto alias = std::ranges::find(catalogue->aliases, name, &Alias::name);
  auto model = find_model(*catalogue, name);
  if (alias != catalogue->aliases.end()) {
    write_alias(writer, *alias);
  } else if (!model) {
    Error& error = model.error();
    error.param = "model";
    HttpResponse response{.status = http_status(error.fault),
                          .content_type = "application/json",
                          .body = codec(Dialect::kOpenAi).error_body(error, request.id.text()),
                          .fields = error_fields(error, request.id.text())};
    co_return co_await request.exchange.respond(std::move(response));
  } else {
    write_model(writer, catalogue->models[*model], snapshots.fleet.get());
  }
  co_return co_await respond_json(request, 200, std::move(body));
}

}  // namespace

void add_model_routes(Router& router, const Snapshots& snapshots) {
  router.add("GET", "/v1/models", [&snapshots](ApiRequest& request) { return list(request, snapshots); });
  router.add("GET", "/v1/models/{model...}", [&snapshots](ApiRequest& request) { return one(request, snapshots); });
}

}  // namespace orchestra
