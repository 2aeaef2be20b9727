#include "api/inference.h"

#include <fmt/format.h>

#include "api/answer_sink.h"
#include "api/call_fields.h"
#include "base/ascii.h"
#include "dialects/codec.h"

namespace orchestra {
namespace {

Result<Request> decode_call(const Call& call) {
  return codec(call.dialect).decode(call.shape.task, call.body);
}

// Without its parameters and in lower case, RFC 9110 8.3.1.
std::string media_type(std::string_view field) {
  std::string type = ascii_lowered(field.substr(0, field.find(';')));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  return type;
}

// A JSON body may come with no type at all (curl sends form-urlencoded by default, which is refused with a hint).
Result<void> check_content_type(const HttpRequest& http) {
  const auto type = http.fields.find("content-type");
  if (!type) return {};
  if (const std::string media = media_type(*type); media == "application/json" || media.ends_with("+json")) return {};
  return fail(Fault::kUnsupported,
              fmt::format("The body must be JSON: send `Content-Type: application/json` instead of '{:.60}'.", *type));
}

Result<void> read_call(ApiRequest& request, TaskKind task, Call& call) {
  const HttpRequest& http = request.http();
  call.id = request.id;
  call.caller = request.caller;
  call.dialect = Dialect::kOpenAi;
  call.decode = decode_call;
  TRY_VOID(check_content_type(http));
  TRY_VOID(read_call_fields(http, call));
  TRY(call.shape, codec(call.dialect).scan(task, http.body));
  call.body = http.body;
  return {};
}

Task<void> answer(ApiRequest& request, TaskKind task, Line& line, const Clock& clock) {
  Call call;
  const auto read = read_call(request, task, call);
  AnswerSink sink(call, request.exchange, clock);
  if (!read) co_return co_await sink.fail(read.error());
  co_return co_await line.serve(call, sink);
}

}  // namespace

void add_inference_routes(Router& router, Line& line, const Clock& clock) {
  const auto add = [&](const char* path, TaskKind task) {
    router.add("POST", path, [&line, &clock, task](ApiRequest& request) { return answer(request, task, line, clock); });
  };
  add("/v1/chat/completions", TaskKind::kChat);
  add("/v1/completions", TaskKind::kCompletion);
  add("/v1/embeddings", TaskKind::kEmbedding);
  add("/v1/images/generations", TaskKind::kImage);
}

}  // namespace orchestra
