#include "gateway/series.h"

namespace orchestra {
namespace {

constexpr std::array<std::string_view, 4> kOutcomes = {"answered", "failed", "abandoned", "interrupted"};

Counter& attempts(Metrics& metrics, const std::string& model, std::string_view outcome) {
  return metrics.counter("orchestra_attempts_total", "Upstream attempts by model and outcome.",
                         {{"model", model}, {"outcome", std::string(outcome)}});
}

Counter& tokens(Metrics& metrics, const std::string& model, std::string_view kind) {
  return metrics.counter("orchestra_tokens_total", "Tokens by model and kind.",
                         {{"model", model}, {"kind", std::string(kind)}});
}

const std::string kOther = "other";

std::uint64_t whole(std::int64_t count) noexcept {
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

}  // namespace

ModelSeries::ModelSeries(Metrics& metrics, std::string model)
    : metrics_(metrics),
      model_(std::move(model)),
      seconds_(metrics.histogram("orchestra_request_seconds", "Time from request to last byte.", {{"model", model_}})),
      first_content_(metrics.histogram("orchestra_first_content_seconds", "Time from request to first content.",
                                       {{"model", model_}})),
      input_tokens_(tokens(metrics, model_, "input")),
      output_tokens_(tokens(metrics, model_, "output")),
      cost_(metrics.counter("orchestra_cost_micro_usd_total", "Known cost in micro-dollars.", {{"model", model_}})),
      answered_(attempts(metrics, model_, "answered")),
      breaker_(metrics.gauge("orchestra_breaker_state", "Circuit breaker: 0 closed, 1 open, 2 half open.",
                             {{"model", model_}})) {
  for (std::size_t i = 0; i < kOutcomes.size() - 1; ++i) {
    requests_[i] = &metrics.counter("orchestra_requests_total", "Requests by model and outcome.",
                                    {{"model", model_}, {"outcome", std::string(kOutcomes[i])}});
  }
}

void ModelSeries::request(const SpendSettled& settled) noexcept {
  if (Counter* counter = requests_[static_cast<std::size_t>(settled.outcome)]) counter->add();
  seconds_.observe(settled.latency);
  if (settled.first_content.count() > 0) first_content_.observe(settled.first_content);
  if (settled.usage.input.count > 0) input_tokens_.add(whole(settled.usage.input.count));
  if (settled.usage.output.count > 0) output_tokens_.add(whole(settled.usage.output.count));
  if (settled.cost_known && settled.cost.count > 0) cost_.add(whole(settled.cost.count));
}

void ModelSeries::selected(const Classification& query) {
  Counter*& counter = selected_[static_cast<std::size_t>(query.type)][static_cast<std::size_t>(query.complexity)];
  if (counter == nullptr) {
    counter = &metrics_.counter("orchestra_selections_total", "Choices that a query left open, by chosen model.",
                                {{"model", model_},
                                 {"query_type", std::string(query_type_name(query.type))},
                                 {"complexity", std::string(complexity_name(query.complexity))}});
  }
  counter->add();
}

void ModelSeries::classified(QueryType type) {
  Counter*& counter = classified_[static_cast<std::size_t>(type)];
  if (counter == nullptr) {
    counter = &metrics_.counter("orchestra_classified_requests_total", "Requests that left the choice open, by model.",
                                {{"model", model_}, {"query_type", std::string(query_type_name(type))}});
  }
  counter->add();
}

void ModelSeries::fallback(const ModelId& first) {
  const bool known = fallbacks_.contains(first.text) || fallbacks_.size() < kMostFirsts;
  const std::string& name = known ? first.text : kOther;
  Counter*& counter = fallbacks_[name];
  if (counter == nullptr) {
    counter = &metrics_.counter("orchestra_fallbacks_total", "Answers by a model that was not the first choice.",
                                {{"model", model_}, {"first", name}});
  }
  counter->add();
}

void ModelSeries::attempt(const Error* error) {
  if (error == nullptr) return answered_.add();
  Counter*& counter = failed_[static_cast<std::size_t>(error->fault)];
  if (counter == nullptr) counter = &attempts(metrics_, model_, fault_code(error->fault));
  counter->add();
}

Series::Series(Metrics& metrics)
    : metrics_(metrics), in_flight_(metrics.gauge("orchestra_requests_in_flight", "Inference requests under way.")) {
  for (std::size_t type = 0; type < selection_.size(); ++type) {
    selection_[type] = &metrics.histogram("orchestra_selection_seconds", "Time of choices that a query left open.",
                                          {{"query_type", std::string(kQueryTypeNames[type])}});
  }
}

ModelSeries& Series::of(std::string_view model) {
  const std::string name(model.empty() ? "none" : model);
  return by_model_.try_emplace(name, metrics_, name).first->second;
}

}  // namespace orchestra
