#include "api/overview.h"

#include <fmt/format.h>

#include <cmath>

#include "api/context.h"
#include "base/json.h"

namespace orchestra {
namespace {

constexpr auto kDay = std::chrono::hours(24);
constexpr auto kLately = std::chrono::minutes(10);

// In the words of README 003.
std::string_view status_of(const Model& model, const WorkerView* worker) {
  if (!model.offered || (model.card && !model.card->active)) return "unavailable";
  if (!model.local) return "available";
  const WorkerState state = worker != nullptr ? worker->state : WorkerState::kCold;
  if (state == WorkerState::kReady) return "running";
  if (state == WorkerState::kFailed || state == WorkerState::kQuarantined) return "error";
  return state == WorkerState::kCold ? "available" : worker_state_name(state);
}

// "4.9GB", "5MB".
std::string readable_size(Bytes size) {
  const auto bytes = static_cast<double>(size.count);
  return bytes >= 1e9 ? fmt::format("{:.1f}GB", bytes / 1e9) : fmt::format("{:.0f}MB", std::ceil(bytes / 1e6));
}

void write_model(JsonWriter& writer, const Model& model, const WorkerView* worker) {
  writer.begin_object().member("name", model.id.text).member("status", status_of(model, worker));
  writer.key("capabilities").begin_array();
  for (const auto& [bit, name] : kCapabilityNames) {
    if ((known_capabilities(model) & bit) != 0) writer.string(name);
  }
  writer.end_array();
  writer.member("size", model.facts ? std::optional(readable_size(model.facts->file_size)) : std::nullopt);
  writer.member("last_used", worker != nullptr ? format_time(worker->last_used) : std::nullopt).end_object();
}

Task<void> models(ApiRequest& request, const Snapshots& snapshots) {
  const CataloguePtr catalogue = snapshots.catalogue;
  const FleetViewPtr fleet = snapshots.fleet;
  std::string body;
  JsonWriter writer(body);
  std::size_t active = 0;
  writer.begin_object().key("models").begin_array();
  for (const Model& model : catalogue->models) {
    const WorkerView* worker = model.local && fleet ? fleet->find(model.id) : nullptr;
    const std::string_view status = status_of(model, worker);
    active += status == "available" || status == "running" ? 1 : 0;
    write_model(writer, model, worker);
  }
  writer.end_array().member("total", catalogue->models.size()).member("active", active).end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

struct Totals {
  std::uint64_t total = 0, successful = 0, failed = 0;
  std::string busiest;
  std::uint64_t most = 0;
  std::size_t models = 0;
};

Totals totals_of(const UsageReport& report) {
  Totals totals;
  std::map<std::string, std::uint64_t> by_model;
  for (const UsageRow& row : report.rows) {
    const auto requests = static_cast<std::uint64_t>(row.sums.requests);
    totals.total += requests;
    if (row.outcome == Outcome::kAnswered) totals.successful += requests;
    if (row.outcome == Outcome::kFailed) totals.failed += requests;
    if (!row.model.empty()) by_model[row.model] += requests;
  }
  totals.models = by_model.size();
  for (const auto& [model, requests] : by_model) {
    if (requests > totals.most) std::tie(totals.busiest, totals.most) = std::tie(model, requests);
  }
  return totals;
}

// To one decimal place.
double percent(std::uint64_t part, double whole) {
  return std::round(1000.0 * static_cast<double>(part) / whole) / 10.0;
}

std::string metrics_json(const Totals& totals, const UsageReport& day, const UsageReport& lately, WallTime now) {
  const double judged = static_cast<double>(totals.successful + totals.failed);
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("requests").begin_object().member("total", totals.total);
  writer.member("successful", totals.successful).member("failed", totals.failed);
  writer.member("success_rate", judged > 0 ? std::optional(percent(totals.successful, judged)) : std::nullopt);
  writer.end_object().key("performance").begin_object();
  writer.member("avg_response_time_ms", day.total.latency.mean().transform(in_milliseconds));
  writer.member("p50_response_time_ms", day.total.latency.quantile(0.5).transform(in_milliseconds));
  writer.member("p99_response_time_ms", day.total.latency.quantile(0.99).transform(in_milliseconds));
  writer.member("requests_per_minute", static_cast<double>(lately.total.requests) / 10.0);
  writer.end_object().key("models").begin_object().member("active", totals.models).member("total_calls", totals.total);
  writer.member("most_used", totals.busiest.empty() ? std::nullopt : std::optional(totals.busiest));
  writer.end_object().member("timestamp", format_time(now)).end_object();
  return body;
}

Task<void> metrics(ApiRequest& request, Store& store, const Clock& clock) {
  const WallTime now = clock.wall();
  const auto end = now + std::chrono::seconds(1);
  const auto day =
      co_await store.usage({.from = now - kDay, .to = end, .group_by = {UsageGroup::kModel, UsageGroup::kOutcome}});
  if (!day) co_return co_await respond_error(request, day.error(), clock);
  const auto lately = co_await store.usage({.from = now - kLately, .to = end});
  if (!lately) co_return co_await respond_error(request, lately.error(), clock);
  co_return co_await respond_json(request, 200, metrics_json(totals_of(*day), *day, *lately, now));
}

}  // namespace

void add_overview_routes(Router& router, const Snapshots& snapshots, Store& store, const Clock& clock) {
  router.add("GET", "/api/v1/models", [&snapshots](ApiRequest& request) { return models(request, snapshots); });
  router.add("GET", "/api/v1/metrics",
             [&store, &clock](ApiRequest& request) { return metrics(request, store, clock); });
}

}  // namespace orchestra
