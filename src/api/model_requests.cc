#include "api/model_requests.h"

#include <fmt/format.h>

#include "api/ask.h"
#include "api/model_request_body.h"
#include "api/model_words.h"
#include "base/ascii.h"

namespace orchestra {
namespace {

struct Parts {
  Line& line;
  const Snapshots& snapshots;
  const Clock& clock;
};

// README 002's codes and statuses (CONTRACTS 3.2) for what the line says in its own.
Error in_readme_words(Error error) {
  if (error.code == "context_length_exceeded") {
    error.code = "token_limit_exceeded";
  } else if (error.code.starts_with("content_")) {
    error.code = "content_filtered";
  } else if (error.fault == Fault::kUpstreamAuth) {
    error.code = fault_code(error.fault);
    error.fault = Fault::kUnauthenticated;
  } else if (error.fault == Fault::kUnavailable) {
    error.code = "provider_not_available";
  } else if (error.fault == Fault::kUpstream || error.fault == Fault::kRateLimited || error.fault == Fault::kTimeout) {
    error.code = fault_code(error.fault);
  }
  return error;
}

std::string wrapped(const Asked& asked, std::string_view inner, Micros took) {
  const std::string_view model = asked.field("x-orchestra-model");
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().key("response").raw(inner).member("request_id", asked.field("x-request-id"));
  writer.member("model_id", model).member("provider", ascii_uppered(model.substr(0, model.find('/'))));
  writer.member("latency_ms", in_milliseconds(took)).member("cost", asked.cost.transform(in_usd)).end_object();
  return body;
}

Result<Call> call_of(const ApiRequest& request, ModelRequest asked) {
  TRY(auto call, make_call(request, request.id, asked.task, std::move(asked.body)));
  if (asked.provider.empty() && asked.skills == 0) return call;
  Demand& demand = call.wishes();
  if (!asked.provider.empty()) demand.allow = {asked.provider};
  demand.skills = static_cast<Skills>(demand.skills | asked.skills);
  return call;
}

Task<void> run(ApiRequest& request, Parts parts, TaskKind task) {
  auto read = read_model_request(task, request.http().body, *parts.snapshots.catalogue);
  if (!read) co_return co_await respond_error(request, read.error(), parts.clock);
  const auto call = call_of(request, std::move(*read));
  if (!call) co_return co_await respond_error(request, call.error(), parts.clock);
  const TimePoint began = parts.clock.now();
  CO_TRY(const Asked asked, co_await ask(parts.line, *call, parts.clock));
  const auto took = std::chrono::duration_cast<Micros>(parts.clock.now() - began);
  if (asked.error) co_return co_await respond_error(request, in_readme_words(*asked.error), parts.clock);
  const auto inner = inner_response(task, asked.response.body, asked.field("x-orchestra-model"));
  if (!inner) co_return co_await respond_error(request, inner.error(), parts.clock);
  co_return co_await respond_json(request, 200, wrapped(asked, *inner, took));
}

}  // namespace

void add_model_request_routes(Router& router, Line& line, const Snapshots& snapshots, const Clock& clock) {
  const Parts parts{line, snapshots, clock};
  const auto add = [&](const char* path, TaskKind task) {
    router.add("POST", path, [parts, task](ApiRequest& request) { return run(request, parts, task); });
  };
  add("/api/models/chat", TaskKind::kChat);
  add("/api/models/completion", TaskKind::kCompletion);
  add("/api/models/embedding", TaskKind::kEmbedding);
  add("/api/models/image", TaskKind::kImage);
}

}  // namespace orchestra
