#include "api/feedback.h"

#include <fmt/format.h>

#include "api/context.h"
#include "api/figures.h"
#include "api/json_body.h"
#include "api/model_lookup.h"
#include "ledger/decision_json.h"

namespace orchestra {
namespace {

constexpr double kFeedbackWeight = 2;  // samples
constexpr double kUsualSamples = 5;
constexpr double kGoodUnrated = 0.9, kBadUnrated = 0.1;  // of answers whose quality is not said

struct Feedback {
  RequestId request;
  std::string model;
  bool success = false;
  std::optional<double> quality;
  std::optional<std::string> query_type, complexity;
};

Result<Feedback> read_feedback(std::string_view text) {
  TRY(auto body, JsonBody::parse(text));
  const std::string id = body.text("request_id");
  Feedback feedback{.model = body.text("model_id")};
  feedback.success = body.required_truth("success");
  feedback.quality = body.optional_number("quality_rating", 0, 1);
  feedback.query_type = body.optional_word("query_type", {"simple", "technical", "research", "multimedia"});
  feedback.complexity = body.optional_word("complexity", {"simple", "moderate", "complex", "expert"});
  TRY_VOID(body.check());
  TRY(feedback.request, RequestId::parse(id));
  return feedback;
}

// What a caller's verdict says of an answer. A rating says it finer.
double quality_of(const Feedback& feedback) {
  return feedback.quality.value_or(feedback.success ? kGoodUnrated : kBadUnrated);
}

// The request that the feedback is about, as a fact for the registry: of quality alone, since whether it was answered
// was measured when it was. kUnprocessable: another model answered it.
Result<OutcomeFact> fact_of(const Feedback& feedback, const StoredRequest& stored, const Catalogue& catalogue,
                            WallTime now) {
  TRY(const std::size_t index, find_model(catalogue, feedback.model));
  const ModelId& model = catalogue.models[index].id;
  if (model != stored.settled.model) {
    return fail(
        Error{.fault = Fault::kUnprocessable,
              .what = fmt::format("That request was answered by {}, not by {}.", stored.settled.model.text, model.text),
              .code = "invalid_request",
              .param = "model_id"});
  }
  OutcomeFact fact{.model = model,
                   .task = stored.opened.task,
                   .quality = quality_of(feedback),
                   .weight = kFeedbackWeight,
                   .when = now};
  const auto decision = decision_from_json(stored.decision);
  if (!decision) return fact;
  fact.stratum = prompt_stratum(decision->features.input);
  if (decision->features.query) fact.query_class = static_cast<int>(decision->features.query->type);
  return fact;
}

// What it says of the query, for the models of queries.
OutcomeSignal signal_of(const Feedback& feedback) {
  OutcomeSignal signal{.id = feedback.request, .quality = quality_of(feedback)};
  if (feedback.query_type) signal.type_label = query_type_of(*feedback.query_type);
  if (feedback.complexity) signal.complexity_label = complexity_of(*feedback.complexity);
  return signal;
}

Task<void> take(ApiRequest& request, const ModelScene& scene, Store& store) {
  const auto feedback = read_feedback(request.http().body);
  if (!feedback) co_return co_await respond_error(request, feedback.error(), scene.clock);
  const CataloguePtr catalogue = scene.snapshots.catalogue;
  const auto stored = co_await store.request(feedback->request);
  if (!stored) co_return co_await respond_error(request, stored.error(), scene.clock);
  if (!*stored) {
    const Error error{.fault = Fault::kNotFound,
                      .what = "There is no finished request of that id: it is the x-request-id of an answer.",
                      .code = "request_not_found",
                      .param = "request_id"};
    co_return co_await respond_error(request, error, scene.clock);
  }
  const auto fact = fact_of(*feedback, **stored, *catalogue, scene.clock.wall());
  if (!fact) co_return co_await respond_error(request, fact.error(), scene.clock);
  scene.outcomes.note(*fact);
  scene.outcomes.amend(signal_of(*feedback));
  std::string body;
  JsonWriter(body).begin_object().member("feedback_id", request.id.text()).member("status", "accepted").end_object();
  co_return co_await respond_json(request, 201, std::move(body));
}

// Samples and the means that they weigh.
struct Sum {
  double success = 0, success_samples = 0, quality = 0, quality_samples = 0;
  void add(const Estimate& estimate) {
    const auto answers = static_cast<double>(estimate.success.samples);
    success_samples += answers;
    success += answers * static_cast<double>(estimate.success.value);
    const auto verdicts = static_cast<double>(estimate.quality.samples);
    quality_samples += verdicts;
    quality += verdicts * static_cast<double>(estimate.quality.value);
  }
  double samples() const { return success_samples + quality_samples; }
  void write(JsonWriter& writer, std::string_view quality_name) const {
    const auto mean = [](double sum, double of) { return of > 0 ? std::optional(rounded(sum / of)) : std::nullopt; };
    writer.member(quality_name, mean(quality, quality_samples)).member("success_rate", mean(success, success_samples));
  }
};

Sum sum_of(const Estimate& estimate) {
  Sum sum;
  sum.add(estimate);
  return sum;
}

void write_performance(JsonWriter& writer, const Model& model, const PerformanceView& view, std::size_t index) {
  const Sum whole = sum_of(view.measured(index));
  writer.begin_object().member("model_id", model.id.text).key("metrics").begin_object();
  whole.write(writer, "overall_quality");
  writer.key("task_specific").begin_object();
  for (int type = 0; type < kQueryClasses; ++type) {
    Sum sum;
    for (int stratum = 0; stratum < kPromptStrata; ++stratum) {
      if (const Estimate* cell = view.cell(index, TaskKind::kChat, type, stratum)) sum.add(*cell);
    }
    if (sum.samples() <= 0) continue;
    writer.key(kQueryTypeNames[static_cast<std::size_t>(type)]).begin_object();
    sum.write(writer, "quality_score");
    writer.member("sample_count", rounded(sum.samples())).end_object();
  }
  writer.end_object().end_object().member("sample_count", rounded(whole.samples())).end_object();
}

void write_refit(JsonWriter& writer, const RefitReport& report) {
  writer.begin_object().member("refitted_at", format_time(report.at));
  writer.member("took_ms", in_milliseconds(report.took));
  writer.member("outcomes", report.outcomes).key("classifier").begin_object();
  writer.member("labelled", report.labelled).member("held_out", report.held_out);
  writer.member("accuracy_before", report.accuracy_before).member("accuracy_after", report.accuracy_after);
  writer.member("traps", report.traps).member("traps_before", report.traps_before);
  writer.member("traps_after", report.traps_after).member("adopted", report.adopted);
  writer.member("state", report.classifier).end_object().key("routing").begin_object();
  writer.member("judged", report.told).member("cheap_suffices", report.suffices);
  writer.member("log_loss", report.loss).member("log_loss_of_mean", report.base_loss);
  writer.member("calibration_error", report.calibration_error).member("predicts", report.predicts);
  writer.member("state", report.routing).end_object().end_object();
}

Result<std::string> performance_json(const ApiRequest& request, const ModelScene& scene) {
  const std::string& query = request.http().query;
  const auto wanted = query_parameter(query, "model_id");
  double least = kUsualSamples;
  if (const auto text = query_parameter(query, "min_samples")) {
    least = number_of<double>(*text).value_or(-1);
    if (!(least >= 0)) {
      return fail(Error{.fault = Fault::kUnprocessable,
                        .what = "min_samples must be a number that is not negative.",
                        .code = "invalid_request",
                        .param = "min_samples"});
    }
  }
  const Catalogue& catalogue = *scene.snapshots.catalogue;
  const PerformanceView& view = *scene.snapshots.performance;
  std::optional<std::size_t> only;
  if (wanted) {
    TRY(only, find_model(catalogue, *wanted));
  }
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("models").begin_array();
  // A view of another catalogue has other indexes; the next one is a moment away.
  const std::size_t count = view.catalogue_version() == catalogue.version ? view.size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (only && *only != i) continue;
    if (sum_of(view.measured(i)).samples() < least) continue;
    write_performance(writer, catalogue.models[i], view, i);
  }
  writer.end_array();
  if (const auto& refit = scene.snapshots.refit) {
    writer.key("query_models");
    write_refit(writer, *refit);
  }
  writer.end_object();
  return body;
}

Task<void> list(ApiRequest& request, const ModelScene& scene) {
  auto body = performance_json(request, scene);
  if (!body) co_return co_await respond_error(request, body.error(), scene.clock);
  co_return co_await respond_json(request, 200, std::move(*body));
}

}  // namespace

void add_feedback_routes(Router& router, const ModelScene& scene, Store& store) {
  router.add("POST", "/api/performance/feedback",
             [scene, &store](ApiRequest& request) { return take(request, scene, store); });
  router.add("GET", "/api/performance/models", [scene](ApiRequest& request) { return list(request, scene); });
}

}  // namespace orchestra
