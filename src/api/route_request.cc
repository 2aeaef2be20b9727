#include "api/route_request.h"

#include "api/answer_budget.h"
#include "api/ask.h"
#include "api/chat_body.h"
#include "api/figures.h"
#include "api/json_body.h"
#include "domain/task_words.h"

namespace orchestra {
namespace {

constexpr std::int64_t kMostTokens = 10'000'000;

// What the two spellings have in common.
struct Routed {
  std::string prompt;
  Skills skills = 0;
  std::optional<std::int64_t> max_tokens;
  std::optional<double> temperature;
};

Result<Skills> skills_of(const std::optional<std::string>& word, std::string_view member) {
  if (!word) return Skills{0};
  const auto found = find_task_word(*word);
  if (found && found->task == TaskKind::kChat) return found->skills;
  return fail(Error{.fault = Fault::kUnprocessable,
                    .what = "The member \"" + std::string(member) +
                            "\" must be a kind of text work such as text_generation, code_generation, reasoning or "
                            "analysis.",
                    .code = "unknown_task",
                    .param = std::string(member)});
}

Result<Routed> read_plain(JsonBody& body) {
  if (body.has("query")) {
    return fail(
        Error{.fault = Fault::kUnprocessable,
              .what = "A body with \"prompt\" is answered, one with \"query\" is only routed: send one of them.",
              .code = "invalid_request",
              .param = "query"});
  }
  Routed routed{.prompt = body.text("prompt")};
  const auto task = body.optional_text("task");
  routed.max_tokens = body.optional_integer("max_tokens", 1, kMostTokens);
  routed.temperature = body.optional_number("temperature", 0, 2);
  TRY_VOID(body.check());
  TRY(routed.skills, skills_of(task, "task"));
  return routed;
}

Result<Routed> read_camel(JsonBody& body) {
  Routed routed;
  const auto task = body.text("taskType");
  routed.prompt = body.text("prompt");
  if (auto requirements = body.optional_object("requirements")) {
    routed.max_tokens = requirements->optional_integer("maxTokens", 1, kMostTokens);
    routed.temperature = requirements->optional_number("temperature", 0, 2);
    body.note(*requirements);
  }
  TRY_VOID(body.check());
  TRY(routed.skills, skills_of(task, "taskType"));
  return routed;
}

std::string plain_json(const Asked& asked, const PlainAnswer& answer, Micros took, const Clock& clock) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("response", answer.text).member("model_used", asked.field("x-orchestra-model"));
  writer.key("metrics").begin_object().member("response_time_ms", in_milliseconds(took));
  writer.member("tokens_generated", answer.completion_tokens).member("tokens_prompt", answer.prompt_tokens);
  writer.end_object().member("request_id", asked.field("x-request-id"));
  writer.member("timestamp", format_time(clock.wall())).end_object();
  return body;
}

std::string camel_json(const Asked& asked, const PlainAnswer& answer, Micros took, const Decision& decision,
                       const Snapshots& snapshots) {
  const std::string_view model = asked.field("x-orchestra-model");
  const bool fallback =
      decision.fallback_used || decision.plan.order.empty() || decision.plan.order.front().model.text != model;
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("requestId", asked.field("x-request-id")).member("selectedModel", model);
  writer.member("response", answer.text).member("fallbackUsed", fallback).key("metrics").begin_object();
  writer.member("responseTimeMs", in_milliseconds(took)).member("modelUsed", model);
  writer.member("tokensGenerated", answer.completion_tokens).member("promptTokens", answer.prompt_tokens);
  const ResourceView* resources = snapshots.resources.get();
  writer.member("memoryPressure",
                resources != nullptr ? std::optional(rounded(memory_pressure(resources->now))) : std::nullopt);
  writer.member("costEstimate", asked.cost.transform(in_usd)).end_object();
  write_state_and_model(writer, snapshots, ModelId{std::string(model)});
  writer.end_object();
  return body;
}

Task<void> run(ApiRequest& request, SelectionParts parts, bool camel) {
  auto body = JsonBody::parse(request.http().body);
  if (!body) co_return co_await respond_error(request, body.error(), parts.clock);
  if (!camel && body->has("query") && !body->has("prompt")) {
    co_return co_await respond_route(request, parts);
  }
  const auto routed = camel ? read_camel(*body) : read_plain(*body);
  if (!routed) co_return co_await respond_error(request, routed.error(), parts.clock);
  auto call = make_call(
      request, request.id, TaskKind::kChat,
      chat_body({.prompt = routed->prompt, .max_tokens = routed->max_tokens, .temperature = routed->temperature}));
  if (!call) co_return co_await respond_error(request, call.error(), parts.clock);
  if (routed->skills != 0) call->wishes().skills = routed->skills;
  if (const auto budget = answer_budget(parts.gateway, *call); budget && !call->deadline) call->bound(*budget);
  const Decided decided = parts.gateway.decide(*call);

  const TimePoint began = parts.clock.now();
  CO_TRY(const Asked asked, co_await ask(parts.gateway, *call, parts.clock));
  if (asked.error) co_return co_await respond_error(request, *asked.error, parts.clock);
  const auto answer = read_answer(asked.response.body);
  if (!answer) co_return co_await respond_error(request, answer.error(), parts.clock);
  const auto took = std::chrono::duration_cast<Micros>(parts.clock.now() - began);
  co_return co_await respond_json(request, 200,
                                  camel ? camel_json(asked, *answer, took, *decided.decision, parts.snapshots)
                                        : plain_json(asked, *answer, took, parts.clock));
}

}  // namespace

void add_route_routes(Router& router, const SelectionParts& parts) {
  router.add("POST", "/api/v1/route", [parts](ApiRequest& request) { return run(request, parts, false); });
  for (const char* path : {"/api/v1/ai/route-request", "/api/ai/route-request"}) {
    router.add("POST", path, [parts](ApiRequest& request) { return run(request, parts, true); });
  }
}

}  // namespace orchestra
