#include "api/local_models.h"

#include <fmt/format.h>

#include "api/figures.h"
#include "api/model_json.h"
#include "api/model_lookup.h"

namespace orchestra {
namespace {

// Loading waits for the disk and, where memory is short, for other models to leave.
constexpr Micros kLoadWithin = std::chrono::minutes(10);

struct Parts {
  Fleet& fleet;
  const Snapshots& snapshots;
  StandIn stand_in;
  const Clock& clock;
};

// "local/NAME" for NAME and for local/NAME, if the catalogue has it; else who stands in for an alias.
Result<ModelId> local_model(const ApiRequest& request, const Parts& parts) {
  const std::string& asked = request.path.find("model_id")->second;
  const std::string full = asked.starts_with("local/") ? asked : "local/" + asked;
  const Catalogue& catalogue = *parts.snapshots.catalogue;
  if (const auto found = catalogue.by_id.find(full); found != catalogue.by_id.end()) {
    return catalogue.models[found->second].id;
  }
  if (auto model = parts.stand_in(asked)) return std::move(*model);
  return fail(
      Error{.fault = Fault::kNotFound,
            .what = fmt::format("There is no local model '{:.200}'. Put its GGUF file into the model folder: it is "
                                "found within seconds. GET /v1/models lists what there is.",
                                asked),
            .code = "model_not_found",
            .param = "model_id"});
}

Task<void> respond_status(ApiRequest& request, const Parts& parts, const ModelId& id) {
  CO_TRY(const FleetViewPtr view, co_await parts.fleet.view());
  const WorkerView* worker = view->find(id);
  std::string body;
  JsonWriter writer(body);
  write_load_status(writer, id.text, worker ? *worker : WorkerView{}, parts.clock.wall());
  co_return co_await respond_json(request, 200, std::move(body));
}

enum class Action { kStatus, kLoad, kUnload };

// README 001 asks for the status of any model.
const Model* remote_model(const ApiRequest& request, const Catalogue& catalogue) {
  const auto found = find_model(catalogue, request.path.find("model_id")->second);
  return found && !catalogue.models[*found].local ? &catalogue.models[*found] : nullptr;
}

Task<void> act(ApiRequest& request, const Parts& parts, Action action) {
  const auto id = local_model(request, parts);
  const CataloguePtr catalogue = parts.snapshots.catalogue;
  const Model* remote = id || action != Action::kStatus ? nullptr : remote_model(request, *catalogue);
  if (remote) {
    std::string body;
    JsonWriter writer(body);
    write_remote_status(writer, remote->id.text, remote->offered);
    co_return co_await respond_json(request, 200, std::move(body));
  }
  if (!id) co_return co_await respond_error(request, id.error(), parts.clock);
  if (action != Action::kStatus && !request.caller.admin) {
    const Error error{.fault = Fault::kForbidden, .what = "Loading and unloading models needs an administrator's key."};
    co_return co_await respond_error(request, error, parts.clock);
  }
  const TimePoint by = parts.clock.now() + kLoadWithin;
  Result<void> done;
  if (action == Action::kLoad) done = co_await parts.fleet.load(*id, by);
  if (action == Action::kUnload) done = co_await parts.fleet.unload(*id, by);
  if (!done) co_return co_await respond_error(request, done.error(), parts.clock);
  co_return co_await respond_status(request, parts, *id);
}

void write_details(JsonWriter& writer, const Model* model) {
  writer.key("details").begin_object().member("format", "gguf");
  if (model && model->facts) {
    writer.member("family", model->facts->architecture);
    writer.member("parameter_size", fmt::format("{:.1f}M", static_cast<double>(model->facts->parameters) / 1e6));
    writer.member("quantization_level", model->facts->quantization);
  }
  writer.end_object();
}

void write_process(JsonWriter& writer, const WorkerView& worker, const Catalogue& catalogue) {
  const auto found = catalogue.by_id.find(worker.model.text);
  const Model* model = found == catalogue.by_id.end() ? nullptr : &catalogue.models[found->second];
  writer.begin_object().member("name", worker.model.name()).member("model", worker.model.text);
  writer.member("size", worker.need.count);
  writer.member("size_vram", worker.device.starts_with("gpu") ? worker.need.count : std::int64_t{0});
  write_details(writer, model);
  writer.member("expires_at", format_time(worker.expires_at));
  writer.member("state", worker_state_name(worker.state)).member("device", worker.device);
  writer.member("pid", worker.pid).member("in_flight", worker.in_flight).member("waiting", worker.waiting);
  writer.key("load").begin_object().member("stage", worker.stage).member("percent", rounded(worker.fraction * 100.0));
  writer.end_object();
  if (!worker.error.empty()) writer.member("error", worker.error);
  writer.end_object();
}

Task<void> processes(ApiRequest& request, const Parts& parts) {
  CO_TRY(const FleetViewPtr view, co_await parts.fleet.view());
  const CataloguePtr catalogue = parts.snapshots.catalogue;
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("models").begin_array();
  for (const WorkerView& worker : view->workers) {
    if (worker.state != WorkerState::kCold) write_process(writer, worker, *catalogue);
  }
  writer.end_array().key("devices").begin_array();
  for (const DeviceView& device : view->devices) {
    writer.begin_object().member("name", device.name).member("detail", device.detail);
    writer.member("budget", device.budget.count).member("booked", device.booked.count);
    writer.member("free", device.free.count).end_object();
  }
  writer.end_array().end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

}  // namespace

void add_local_model_routes(Router& router, Fleet& fleet, const Snapshots& snapshots, StandIn stand_in,
                            const Clock& clock) {
  const Parts parts{fleet, snapshots, std::move(stand_in), clock};
  const auto add = [&](const char* method, const char* pattern, Action action) {
    router.add(method, pattern, [parts, action](ApiRequest& request) { return act(request, parts, action); });
  };
  add("GET", "/api/models/{model_id...}/status", Action::kStatus);
  add("POST", "/api/models/{model_id...}/load", Action::kLoad);
  add("POST", "/api/models/{model_id...}/unload", Action::kUnload);
  router.add("GET", "/api/ps", [parts](ApiRequest& request) { return processes(request, parts); });
}

}  // namespace orchestra
