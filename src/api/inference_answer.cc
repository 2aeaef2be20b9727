#include "api/inference_answer.h"

#include "api/figures.h"
#include "base/json.h"

namespace orchestra {
namespace {

// What a whole answer took, of everybody who was asked for it.
struct Sums {
  std::int64_t tokens = 0;
  MicroUsd cost;
  bool cost_known = true;  // of all who answered

  void add(const Reply& reply) {
    tokens += reply.tokens;
    if (reply.cost) cost += *reply.cost;
    cost_known = cost_known && (reply.cost || reply.error);
  }
};

void write_texts(JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

void write_error(JsonWriter& writer, const Error& error) {
  writer.member("error", error.what);
  writer.member("code", error.code.empty() ? fault_code(error.fault) : std::string_view(error.code));
  writer.member("status", http_status(error.fault));
}

// The members of metadata that every answer has. `whole` is that of all replies together.
void write_metadata(JsonWriter& writer, const Catalogue& catalogue, const Inference& inference, const Reply& reply,
                    const RequestId& request, const Sums& whole, Micros took) {
  writer.member("request_id", request.text()).member("tokens_generated", whole.tokens);
  writer.member("generation_time_ms", in_milliseconds(took));
  const auto model = catalogue.by_id.find(reply.model);
  const auto card = model != catalogue.by_id.end() ? catalogue.models[model->second].card : nullptr;
  if (card && !card->version.empty()) writer.member("model_version", card->version);
  if (!reply.finish_reason.empty()) writer.member("finish_reason", reply.finish_reason);
  writer.member("cost", whole.cost_known ? std::optional(in_usd(whole.cost)) : std::nullopt);
  if (!inference.ignored.empty()) write_texts(writer, "ignored_parameters", inference.ignored);
  if (!reply.dropped.empty()) writer.member("dropped_parameters", reply.dropped);
}

// One of those who were asked for an orchestrated answer.
void write_member(JsonWriter& writer, const Reply& reply) {
  writer.member("model_id", reply.model);
  // Whoever was never asked has none.
  if (reply.id != RequestId()) writer.member("request_id", reply.id.text());
  if (reply.error) {
    write_error(writer, *reply.error);
    return;
  }
  writer.member("tokens_generated", reply.tokens).member("generation_time_ms", in_milliseconds(reply.took));
  writer.member("cost", reply.cost.transform(in_usd));
  if (reply.confidence) writer.member("confidence", rounded(*reply.confidence));
}

void write_judge(JsonWriter& writer, const std::optional<Reply>& judge) {
  if (!judge) return;
  writer.key("judge").begin_object();
  write_member(writer, *judge);
  writer.end_object();
}

std::vector<std::string> models_of(const std::vector<Reply>& replies) {
  std::vector<std::string> models;
  for (const Reply& reply : replies) models.push_back(reply.model);
  return models;
}

void write_ensemble(JsonWriter& writer, const EnsembleAnswer& answer, std::string_view method) {
  writer.member("ensemble_method", method);
  writer.member("ensemble_size", answer.replies.size());
  std::vector<std::string> merged;
  for (const Reply& reply : answer.replies) {
    if (!reply.error) merged.push_back(reply.model);
  }
  write_texts(writer, "original_model_ids", merged);
  if (answer.judge) writer.member("judged", answer.judged);
  write_judge(writer, answer.judge);
  writer.key("members").begin_array();
  for (const Reply& reply : answer.replies) {
    writer.begin_object();
    write_member(writer, reply);
    writer.end_object();
  }
  writer.end_array();
}

void write_steps(JsonWriter& writer, const std::vector<CascadeStep>& steps) {
  writer.key("steps").begin_array();
  for (const CascadeStep& step : steps) {
    writer.begin_object();
    write_member(writer, step.reply);
    if (!step.failed.empty()) writer.member("failed_check", step.failed);
    if (step.confidence && !step.reply.confidence) writer.member("agreement", rounded(*step.confidence));
    write_judge(writer, step.judge);
    writer.end_object();
  }
  writer.end_array();
}

void write_orchestration(JsonWriter& writer, std::string_view strategy, const std::vector<std::string>& models) {
  writer.member("orchestration_strategy", strategy);
  write_texts(writer, "selected_models", models);
}

}  // namespace

std::string answer_json(const Catalogue& catalogue, const Inference& inference, const Reply& reply,
                        std::string_view strategy) {
  Sums sums;
  sums.add(reply);
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model_id", reply.model).member("outputs", reply.text).key("metadata").begin_object();
  write_metadata(writer, catalogue, inference, reply, reply.id, sums, reply.took);
  if (reply.confidence) writer.member("confidence", rounded(*reply.confidence));
  if (!strategy.empty()) write_orchestration(writer, strategy, {reply.model});
  writer.end_object().end_object();
  return body;
}

std::string failed_json(const Reply& reply) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model_id", reply.model).member("outputs", "Error during inference");
  writer.key("metadata").begin_object().member("request_id", reply.id.text());
  write_error(writer, *reply.error);
  writer.end_object().end_object();
  return body;
}

std::string ensemble_json(const Catalogue& catalogue, const Inference& inference, const EnsembleAnswer& answer,
                          std::string_view method, const RequestId& request) {
  Sums sums;
  Micros longest{};
  for (const Reply& reply : answer.replies) {
    sums.add(reply);
    longest = std::max(longest, reply.took);
  }
  if (answer.judge) sums.add(*answer.judge);
  if (answer.judge) longest += answer.judge->took;
  // Made of several, it is nobody's.
  const Reply composed{.model = "ensemble"};
  const Reply& winner = answer.merged.winner ? answer.replies[*answer.merged.winner] : composed;
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model_id", winner.model).key("outputs");
  if (answer.merged.json) {
    writer.raw(answer.merged.text);
  } else {
    writer.string(answer.merged.text);
  }
  writer.key("metadata").begin_object();
  write_metadata(writer, catalogue, inference, winner, request, sums, longest);
  if (answer.merged.confidence) writer.member("confidence", rounded(*answer.merged.confidence));
  write_orchestration(writer, "ensemble", models_of(answer.replies));
  write_ensemble(writer, answer, method);
  writer.end_object().end_object();
  return body;
}

std::string cascade_json(const Catalogue& catalogue, const Inference& inference, const CascadeAnswer& answer,
                         std::string_view strategy, const RequestId& request) {
  Sums sums;
  Micros took{};
  std::vector<std::string> models;
  for (const CascadeStep& step : answer.steps) {
    sums.add(step.reply);
    took += step.reply.took;
    models.push_back(step.reply.model);
    if (step.judge) sums.add(*step.judge);
    if (step.judge) took += step.judge->took;
  }
  const CascadeStep& chosen = answer.steps[answer.chosen];
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model_id", chosen.reply.model).member("outputs", chosen.reply.text);
  writer.key("metadata").begin_object();
  write_metadata(writer, catalogue, inference, chosen.reply, request, sums, took);
  if (chosen.confidence) writer.member("confidence", rounded(*chosen.confidence));
  write_orchestration(writer, strategy, models);
  writer.member("checks_passed", answer.passed);
  write_steps(writer, answer.steps);
  writer.end_object().end_object();
  return body;
}

}  // namespace orchestra
