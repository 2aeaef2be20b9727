#include "api/model_status.h"

#include <algorithm>
#include <map>

#include "api/context.h"
#include "api/figures.h"
#include "api/model_json.h"

namespace orchestra {
namespace {

constexpr auto kSpan = std::chrono::hours(30 * 24);

struct Tally {
  std::int64_t requests = 0, answered = 0, failed = 0;
  LatencyCounts latency;
};
using Tallies = std::map<std::string, Tally, std::less<>>;

Tallies tallies_of(const UsageReport& report) {
  Tallies tallies;
  for (const UsageRow& row : report.rows) {
    Tally& tally = tallies[row.model];
    tally.requests += row.sums.requests;
    if (row.outcome == Outcome::kAnswered) tally.answered += row.sums.requests;
    if (row.outcome == Outcome::kFailed) tally.failed += row.sums.requests;
    tally.latency.add(row.sums.latency);
  }
  return tallies;
}

void write_tally(JsonWriter& writer, const Tally& tally) {
  const auto mean = tally.latency.mean();
  writer.member("request_count", tally.requests).member("success_count", tally.answered);
  writer.member("error_count", tally.failed);
  writer.member("avg_response_time_ms",
                mean ? std::optional(rounded(static_cast<double>(mean->count()) / 1000)) : std::nullopt);
}

void write_worker(JsonWriter& writer, const WorkerView* worker) {
  const bool up = worker != nullptr && worker->state == WorkerState::kReady;
  const double slots = up ? std::max(1, worker->slots) : 1;
  writer.member("current_load", up ? rounded(worker->in_flight / slots) : 0.0);
  writer.member("memory_usage_mb", up ? rounded(static_cast<double>(worker->need.count) / (1024.0 * 1024.0)) : 0.0);
  writer.member("last_used", worker != nullptr ? format_time(worker->last_used) : std::nullopt);
}

std::optional<std::string> time_of(WallTime time) {
  return time == WallTime{} ? std::nullopt : std::optional(format_time(time));
}

// `healthy` counts those that answer.
void write_model(JsonWriter& writer, const ModelWriter& models, std::size_t index, const Tallies& tallies,
                 std::size_t& healthy) {
  const Model& model = models.catalogue().models[index];
  const auto tally = tallies.find(model.id.text);
  const std::string_view health = models.health_of(index);
  const bool answers = health == "healthy" || health == "degraded";
  healthy += answers ? 1 : 0;
  writer.begin_object().member("id", model_uuid(model.id)).member("model_name", model.id.text);
  write_tally(writer, tally == tallies.end() ? Tally{} : tally->second);
  write_worker(writer, models.worker(model));
  writer.member("created_at", model.card ? time_of(model.card->created) : std::nullopt);
  writer.member("updated_at", model.card ? time_of(model.card->updated) : std::nullopt);
  writer.member("healthy", answers);
  const ModelProfile profile = models.profile(index);
  writer.key("capabilities");
  write_tasks(writer, profile);
  writer.member("speed", profile.speed).member("quality_tier", profile.tier);
  writer.member("cost_per_1k_tokens", profile.usd_per_1k).member("ram_required_gb", profile.ram_gb);
  writer.end_object();
}

Task<void> status(ApiRequest& request, const ModelScene& scene, Store& store) {
  const WallTime now = scene.clock.wall();
  const auto report = co_await store.usage(
      {.from = now - kSpan, .to = now + Seconds(1), .group_by = {UsageGroup::kModel, UsageGroup::kOutcome}});
  if (!report) co_return co_await respond_error(request, report.error(), scene.clock);
  const Tallies tallies = tallies_of(*report);
  const ModelWriter models(scene);
  const std::size_t total = models.catalogue().models.size();
  std::size_t healthy = 0;
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("models").begin_array();
  for (std::size_t i = 0; i < total; ++i) write_model(writer, models, i, tallies, healthy);
  writer.end_array().member("totalModels", total).member("healthyModels", healthy);
  writer.member("systemHealth", healthy == 0 ? "unhealthy" : healthy < total ? "degraded" : "healthy").end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

}  // namespace

void add_model_status_routes(Router& router, const ModelScene& scene, Store& store) {
  for (const char* path : {"/api/v1/ai/models/status", "/api/ai/models/status"}) {
    router.add("GET", path, [scene, &store](ApiRequest& request) { return status(request, scene, store); });
  }
}

}  // namespace orchestra
