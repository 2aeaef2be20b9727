#include "api/selection.h"

#include <fmt/format.h>

#include "api/ask.h"
#include "api/chat_body.h"
#include "api/decided.h"
#include "api/figures.h"
#include "api/json_body.h"
#include "api/model_profile.h"
#include "api/resources.h"
#include "domain/task_words.h"

namespace orchestra {
namespace {

constexpr Millis kFastRefinement{500}, kQualityRefinement{800};
constexpr std::int64_t kShortestRefinement = 16;  // tokens
// What is counted for a prompt that is not there yet: 500 tokens.
constexpr std::size_t kUsualPrompt = 2000;

// What is to be decided upon, for `auto`.
std::string body_for(TaskKind task, std::string_view text, std::optional<std::int64_t> max_tokens) {
  if (answers_text(task)) return chat_body({.prompt = text, .max_tokens = max_tokens});
  std::string body;
  const std::string_view name = task == TaskKind::kImage ? "prompt" : "input";
  JsonWriter(body).begin_object().member("model", "auto").member(name, text).end_object();
  return body;
}

Result<TaskWord> task_of(std::string_view word) {
  if (const auto found = find_task_word(word)) return *found;
  std::string allowed;
  for (const TaskWord& one : kTaskWords) allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", one.word);
  return fail(Error{.fault = Fault::kUnprocessable,
                    .what = fmt::format("\"{:.60}\" is no known task. Allowed are {}.", word, allowed),
                    .code = "unknown_task",
                    .param = "task"});
}

double level(const std::optional<std::string>& word, double low, double medium, double high) {
  if (!word) return medium;
  return *word == "low" ? low : *word == "high" ? high : medium;
}

// README 003's `requirements`.
Result<void> read_requirements(JsonBody& body, Demand& demand, std::optional<std::int64_t>& max_tokens) {
  JsonBody requirements = body.optional_object("requirements").value_or(JsonBody(json::object()));
  const auto speed = requirements.optional_word("speed", {"low", "medium", "high"});
  const auto quality = requirements.optional_word("quality", {"low", "medium", "high"});
  max_tokens = requirements.optional_integer("max_tokens", 1, 10'000'000);
  body.note(requirements);
  TRY_VOID(body.check());
  demand.strategy = "multi_objective";
  demand.weights = Weights{.quality = level(quality, 0.15, 0.35, 0.7),
                           .latency = level(speed, 0.1, 0.3, 0.6),
                           .cost = 0.15,
                           .resources = 0.1};
  return {};
}

// The originals' `requirements` in camel case; a cost limit is in dollars per 1,000 tokens.
Result<void> read_camel_requirements(JsonBody& body, Demand& demand, std::optional<std::int64_t>& max_tokens) {
  JsonBody requirements = body.optional_object("requirements").value_or(JsonBody(json::object()));
  const auto complexity = requirements.optional_word("complexity", {"simple", "moderate", "complex"});
  const auto priority = requirements.optional_word("priority", {"low", "normal", "high", "critical"});
  const auto quality =
      requirements.optional_word("qualityRequirement", {"basic", "balanced", "good", "high", "best", "exceptional"});
  max_tokens = requirements.optional_integer("maxTokens", 1, 10'000'000);
  const auto limit = requirements.optional_number("costLimit", 0, 1000);
  body.note(requirements);
  TRY_VOID(body.check());
  const bool best = quality && (*quality == "high" || *quality == "best" || *quality == "exceptional");
  const bool complex = complexity && *complexity == "complex";
  const double urgency = !priority || *priority == "normal" || *priority == "low" ? 0.2
                         : *priority == "high"                                    ? 0.4
                                                                                  : 0.6;
  demand.strategy = "multi_objective";
  demand.weights = Weights{.quality = complex ? 0.5
                                      : best  ? 0.4
                                              : 0.2,
                           .latency = urgency,
                           .cost = limit ? 0.4 : 0.1,
                           .resources = 0.1};
  if (limit)
    demand.cost_limit =
        MicroUsd(static_cast<std::int64_t>(*limit * 1e6 * static_cast<double>(max_tokens.value_or(2048)) / 1000));
  return {};
}

// What README 004's `context` says: files, pictures and videos are for models that can see; what is left of a budget,
// in US dollars, limits the cost of an answer.
Result<void> read_context(JsonBody& body, Shape& shape, std::optional<MicroUsd>& cost_limit) {
  auto context = body.optional_object("context");
  if (!context) return body.check();
  const bool files = !context->optional_texts("files").empty();
  const bool seen = context->truth("has_images") || context->truth("has_video") || context->truth("has_documents");
  shape.has_images = shape.has_images || files || seen;
  if (const auto left = context->optional_number("budget_remaining", 0, 1e9)) {
    const MicroUsd limit(static_cast<std::int64_t>(*left * 1e6));
    cost_limit = cost_limit ? std::min(*cost_limit, limit) : limit;
  }
  body.note(*context);
  return body.check();
}

void write_texts(JsonWriter& writer, std::string_view name, const std::vector<std::string>& texts) {
  writer.key(name).begin_array();
  for (const std::string& text : texts) writer.string(text);
  writer.end_array();
}

std::string route_json(const Decision& decision, std::optional<bool> budget_exceeded = std::nullopt) {
  const Considered& first = *chosen(decision);
  const Expected expected = expected_of(first);
  const auto& query = decision.features.query;
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("model_id", first.model.text).member("provider", first.model.provider());
  writer.member("confidence", query ? std::optional(rounded(query->confidence)) : std::nullopt);
  write_texts(writer, "fallback_models", fallbacks(decision));
  writer.member("estimated_cost", expected.usd)
      .member("estimated_latency", expected.seconds)
      .member("fallback_used", decision.fallback_used);
  if (query) writer.member("query_type", query_type_name(query->type));
  if (query) writer.member("complexity", complexity_name(query->complexity));
  if (budget_exceeded) writer.member("budget_exceeded", *budget_exceeded);
  writer.member("reasoning", reasoning(first)).end_object();
  return body;
}

std::string classification_json(const Classification& query) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object()
      .member("query_type", query_type_name(query.type))
      .member("confidence", rounded(query.confidence));
  writer.member("complexity", complexity_name(query.complexity));
  writer.member("complexity_confidence", rounded(query.complexity_confidence));
  writer.member("cheap_suffices", query.cheap_suffices);
  writer.member("budget_seconds", static_cast<double>(query_budget(query.type).count()));
  writer.key("probabilities").begin_object();
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    writer.key(kQueryTypeNames[type]).number(rounded(query.probabilities[type]));
  }
  writer.end_object().end_object();
  return body;
}

// One choice: what the body asks, decided.
struct Choosing {
  ApiRequest& request;
  Gateway& gateway;
  const Snapshots& snapshots;
  const Clock& clock;

  Result<DecisionPtr> decide(const Call& call) const {
    auto decided = gateway.decide(call);
    if (decided.refused) return fail(*decided.refused);
    if (chosen(*decided.decision) == nullptr) return fail(Fault::kUnavailable, "No model can be chosen now.");
    return decided.decision;
  }

  Result<Call> call_for(TaskKind task, std::string_view text, std::optional<std::int64_t> max_tokens) const {
    TRY(auto call, make_call(request, request.id, task, body_for(task, text, max_tokens)));
    if (text.empty()) call.shape.text_bytes = kUsualPrompt;
    if (!call.demand) call.demand.emplace();
    return call;
  }
};

Result<std::string> route(const Choosing& choosing) {
  TRY(auto body, JsonBody::parse(choosing.request.http().body));
  const std::string query = body.text("query");
  TRY_VOID(body.check());
  TRY(auto call, choosing.call_for(TaskKind::kChat, query, std::nullopt));
  TRY_VOID(read_context(body, call.shape, call.demand->cost_limit));
  TRY(const auto decision, choosing.decide(call));
  return route_json(*decision);
}

Result<std::string> refine(const Choosing& choosing) {
  TRY(auto body, JsonBody::parse(choosing.request.http().body));
  const std::string query = body.text("query");
  const auto type = body.optional_text("refinement_type");
  TRY_VOID(body.check());
  // What comes of it is about as long as the query.
  const auto tokens = std::max(kShortestRefinement, static_cast<std::int64_t>(query.size() / 4));
  TRY(auto call, choosing.call_for(TaskKind::kChat, query, tokens));
  Demand& demand = *call.demand;
  demand.deadline = type && *type == "quality" ? kQualityRefinement : kFastRefinement;
  demand.skills = kSkilledInRefinement;
  if (demand.strategy.empty()) demand.strategy = "performance";
  const bool may_leave = !std::exchange(demand.local_only, true);
  auto decision = choosing.decide(call);
  // A refiner elsewhere goes before a local model that is none.
  if (may_leave && (!decision || (*decision)->fallback_used)) {
    demand.local_only = false;
    auto anywhere = choosing.decide(call);
    if (!decision || (anywhere && !(*anywhere)->fallback_used)) decision = std::move(anywhere);
  }
  const bool in_budget = decision.has_value();
  if (!in_budget) {
    demand.deadline.reset();
    decision = choosing.decide(call);
  }
  if (!decision) return std::unexpected(std::move(decision).error());
  return route_json(**decision, !in_budget);
}

// What README 003's bodies ask, in either spelling, decided. What the header fields demand stays.
struct ForTask {
  std::string word;
  DecisionPtr decision;
};
using ReadRequirements = Result<void> (*)(JsonBody&, Demand&, std::optional<std::int64_t>&);

Result<ForTask> choose_for_task(const Choosing& choosing, std::string_view member, ReadRequirements read) {
  TRY(auto body, JsonBody::parse(choosing.request.http().body));
  std::string word = body.text(member);
  TRY_VOID(body.check());
  TRY(const TaskWord task, task_of(word));
  Demand wanted;
  std::optional<std::int64_t> max_tokens;
  TRY_VOID(read(body, wanted, max_tokens));
  TRY(auto call, choosing.call_for(task.task, "", max_tokens));
  call.shape.has_images = task.sees;
  Demand& demand = *call.demand;
  demand.strategy = wanted.strategy;
  demand.weights = wanted.weights;
  demand.skills = task.skills;
  if (wanted.cost_limit) demand.cost_limit = wanted.cost_limit;
  TRY(auto decision, choosing.decide(call));
  return ForTask{std::move(word), std::move(decision)};
}

Result<std::string> select_model(const Choosing& choosing) {
  TRY(const ForTask chosen_for, choose_for_task(choosing, "task", read_requirements));
  const Decision& decision = *chosen_for.decision;
  const Considered& first = *chosen(decision);
  std::string reply;
  JsonWriter writer(reply);
  writer.begin_object().member("selected_model", first.model.text).member("task", chosen_for.word);
  writer.member("reasoning", reasoning(first));
  write_texts(writer, "alternatives", fallbacks(decision));
  writer.member("fallback_used", decision.fallback_used);
  writer.member("timestamp", format_time(choosing.clock.wall())).end_object();
  return reply;
}

Result<std::string> select_model_camel(const Choosing& choosing) {
  TRY(const ForTask chosen_for, choose_for_task(choosing, "taskType", read_camel_requirements));
  const Decision& decision = *chosen_for.decision;
  const Considered& first = *chosen(decision);
  auto alternatives = fallbacks(decision);
  alternatives.resize(std::min<std::size_t>(alternatives.size(), 2));
  std::string reply;
  JsonWriter writer(reply);
  writer.begin_object().member("requestId", choosing.request.id.text()).member("selectedModel", first.model.text);
  writer.member("taskType", chosen_for.word).member("fallbackUsed", decision.fallback_used);
  write_texts(writer, "alternatives", alternatives);
  writer.member("reasoning", reasoning(first));
  write_state_and_model(writer, choosing.snapshots, first.model);
  writer.end_object();
  return reply;
}

Result<std::string> classify(const Choosing& choosing) {
  const HttpRequest& http = choosing.request.http();
  std::string query;
  Shape shape;
  std::optional<MicroUsd> no_matter;
  if (http.method == "POST" || !http.body.empty()) {
    TRY(auto body, JsonBody::parse(http.body));
    query = body.text("query");
    TRY_VOID(read_context(body, shape, no_matter));
  } else {
    query = query_parameter(http.query, "query").value_or("");
  }
  if (query.empty()) {
    return fail(Error{.fault = Fault::kUnprocessable,
                      .what = "The parameter \"query\" is missing: GET /classify?query=...",
                      .code = "invalid_request",
                      .param = "query"});
  }
  TRY(auto call, choosing.call_for(TaskKind::kChat, query, std::nullopt));
  call.shape.has_images = shape.has_images;
  const auto found = choosing.gateway.classify(call);
  if (!found) return fail(Fault::kUnavailable, "This server has no classifier.");
  return classification_json(*found);
}

using Chooser = Result<std::string> (*)(const Choosing&);

Task<void> respond(ApiRequest& request, SelectionParts parts, Chooser choose) {
  auto reply = choose({request, parts.gateway, parts.snapshots, parts.clock});
  if (!reply) co_return co_await respond_error(request, reply.error(), parts.clock);
  co_return co_await respond_json(request, 200, std::move(*reply));
}

}  // namespace

Task<void> respond_route(ApiRequest& request, const SelectionParts& parts) {
  return respond(request, parts, route);
}

void write_state_and_model(JsonWriter& writer, const Snapshots& snapshots, const ModelId& model) {
  writer.key("systemMetrics");
  write_system_metrics(writer, snapshots.resources.get());
  writer.key("modelInfo");
  const Catalogue& catalogue = *snapshots.catalogue;
  const auto found = catalogue.by_id.find(model.text);
  if (found == catalogue.by_id.end()) {
    writer.null();
    return;
  }
  const Estimate& measured = measured_of(catalogue, snapshots.performance.get(), found->second);
  const ModelProfile profile = profile_of(catalogue.models[found->second], measured);
  writer.begin_object().key("capabilities");
  write_tasks(writer, profile);
  writer.member("speed", profile.speed).member("quality_tier", profile.tier);
  writer.member("ram_required", profile.ram_gb).member("cost_per_1k", profile.usd_per_1k).end_object();
}

void add_selection_routes(Router& router, const SelectionParts& parts) {
  const auto add = [&](const char* path, Chooser choose) {
    router.add("POST", path, [parts, choose](ApiRequest& request) { return respond(request, parts, choose); });
  };
  const auto classifying = [parts](ApiRequest& request) { return respond(request, parts, classify); };
  router.add("GET", "/classify", classifying);
  router.add("POST", "/classify", classifying);
  add("/route", route);
  add("/route/refinement", refine);
  add("/api/v1/select-model", select_model);
  add("/api/v1/ai/select-model", select_model_camel);
  add("/api/ai/select-model", select_model_camel);
  add("/flow/select-model", select_model_camel);
}

}  // namespace orchestra
