#include "api/metrics.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "api/model_json.h"
#include "api/system.h"

namespace orchestra {
namespace {

constexpr std::string_view kOther = "other";
constexpr std::string_view kNobody = "none";  // of requests that were refused before a model was asked
constexpr std::string_view kUnclassified = "unclassified";

using Labels = Metrics::Labels;
template <class Value>
using Sums = std::map<Labels, Value>;
using Counts = std::map<std::string, std::uint64_t, std::less<>>;

std::string_view label(const Labels& labels, std::string_view name) {
  const auto found = std::ranges::find(labels, name, &Labels::value_type::first);
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

template <class Value>
void write(std::string& out, std::string_view name, std::string_view help, std::string_view type,
           const Sums<Value>& sums) {
  if (sums.empty()) return;
  write_family(out, name, help, type);
  for (const auto& [labels, value] : sums) write_series(out, name, labels, value);
}

// One exposition.
class Exposition {
 public:
  Exposition(const Metrics& metrics, const ModelWriter& models, std::size_t most) : metrics_(metrics), models_(models) {
    add_counts("orchestra_requests_total", "model", requests_);
    Counts seen = requests_;
    // Those that never answer must not be nameless.
    add_counts("orchestra_selections_total", "model", seen);
    add_counts("orchestra_fallbacks_total", "first", seen);
    find_busiest(seen, most);
  }

  std::string text() {
    std::string out;
    write_usage(out);
    write_times(out);
    write_cost(out);
    write_state(out);
    write_selections(out);
    write_fallbacks(out);
    return out;
  }

 private:
  void add_counts(std::string_view family, std::string_view name, Counts& counts) const {
    for (const auto& [labels, count] : metrics_.counters(family)) {
      const auto model = label(labels, name);
      if (count > 0 && model != kNobody && model != kOther) counts[std::string(model)] += count;
    }
  }
  void find_busiest(const Counts& seen, std::size_t most) {
    std::vector<std::pair<std::uint64_t, std::string_view>> order;
    for (const auto& [model, count] : seen) order.emplace_back(count, model);
    std::ranges::sort(order, std::greater());
    for (std::size_t i = 0; i < std::min(most, order.size()); ++i) busiest_.emplace(order[i].second);
  }
  std::string shown(std::string_view model) const { return std::string(busiest_.contains(model) ? model : kOther); }
  Labels of_model(std::string_view model) const {
    const std::string name = shown(model);
    return {{"model_id", name}, {"provider", name.substr(0, name.find('/'))}};
  }

  // Requests whose kind is known were counted by it; the rest of a model's were its caller's choice.
  void write_usage(std::string& out) const {
    Sums<std::uint64_t> sums;
    Counts classified;
    const auto add = [&](std::string_view model, std::string_view type, std::uint64_t count) {
      Labels labels = of_model(model);
      labels.emplace_back("query_type", type);
      sums[std::move(labels)] += count;
    };
    for (const auto& [labels, count] : metrics_.counters("orchestra_classified_requests_total")) {
      const auto model = label(labels, "model");
      classified[std::string(model)] += count;
      add(model, label(labels, "query_type"), count);
    }
    for (const auto& [model, count] : requests_) {
      if (count > classified[model]) add(model, kUnclassified, count - classified[model]);
    }
    write(out, "sarvanom_model_usage_total", "Requests by model and kind of query.", "counter", sums);
  }

  void write_times(std::string& out) const {
    Sums<Histogram::Counts> sums;
    for (const auto& [labels, counts] : metrics_.histograms("orchestra_request_seconds")) {
      const auto model = label(labels, "model");
      if (counts.total() > 0 && model != kNobody) sums[of_model(model)] += counts;
    }
    write(out, "sarvanom_model_response_time_seconds", "Time from request to last byte.", "histogram", sums);
  }

  void write_cost(std::string& out) const {
    Sums<double> sums;
    for (const auto& [labels, micros] : metrics_.counters("orchestra_cost_micro_usd_total")) {
      if (micros > 0) sums[of_model(label(labels, "model"))] += static_cast<double>(micros) / 1e6;
    }
    write(out, "sarvanom_model_cost_usd_total", "Known cost in US dollars.", "counter", sums);
  }

  // Of the models that were asked, as far as anything is known.
  void write_state(std::string& out) const {
    Sums<double> quality, health;
    for (const std::string& name : busiest_) {
      const auto found = models_.catalogue().by_id.find(name);
      if (found == models_.catalogue().by_id.end()) continue;
      if (const auto score = models_.figures(found->second).quality) quality[of_model(name)] = *score;
      const std::string_view status = models_.health_of(found->second);
      if (status != "unknown") health[of_model(name)] = status == "healthy" ? 1.0 : status == "degraded" ? 0.5 : 0.0;
    }
    write(out, "sarvanom_model_quality_score", "Quality of answers, 0 to 1.", "gauge", quality);
    write(out, "sarvanom_model_health_status", "1 healthy, 0.5 degraded, 0 unhealthy.", "gauge", health);
  }

  void write_selections(std::string& out) const {
    Sums<std::uint64_t> requests, usage;
    for (const auto& [labels, count] : metrics_.counters("orchestra_selections_total")) {
      const std::pair type{std::string("query_type"), std::string(label(labels, "query_type"))};
      const std::pair complexity{std::string("complexity"), std::string(label(labels, "complexity"))};
      requests[{type, complexity}] += count;
      usage[{{"model_id", shown(label(labels, "model"))}, type, complexity}] += count;
    }
    write(out, "sarvanom_router_requests_total", "Choices by kind of query.", "counter", requests);
    write(out, "sarvanom_router_model_usage_total", "Chosen models by kind of query.", "counter", usage);
    Sums<Histogram::Counts> times;
    for (const auto& [labels, counts] : metrics_.histograms("orchestra_selection_seconds")) {
      if (counts.total() > 0) times[labels] += counts;
    }
    write(out, "sarvanom_router_selection_time_seconds", "Time of a choice.", "histogram", times);
  }

  void write_fallbacks(std::string& out) const {
    Sums<std::uint64_t> sums;
    for (const auto& [labels, count] : metrics_.counters("orchestra_fallbacks_total")) {
      sums[{{"from_model", shown(label(labels, "first"))}, {"to_model", shown(label(labels, "model"))}}] += count;
    }
    write(out, "sarvanom_router_fallback_total", "Answers by another model than the first choice.", "counter", sums);
  }

  const Metrics& metrics_;
  const ModelWriter& models_;
  Counts requests_;  // by model
  std::set<std::string, std::less<>> busiest_;
};

}  // namespace

std::string readme_metrics(const Metrics& metrics, const ModelWriter& models, std::size_t most) {
  return Exposition(metrics, models, most).text();
}

void add_metrics_route(Router& router, const Metrics& metrics, const ModelScene& scene) {
  router.add("GET", "/metrics", [&metrics, scene](ApiRequest& request) {
    return respond_text(request, "text/plain; version=0.0.4; charset=utf-8",
                        metrics.render() + readme_metrics(metrics, ModelWriter(scene)));
  });
}

}  // namespace orchestra
