#include "providers/upstream.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/json.h"
#include "dialects/codec.h"
#include "providers/answer_stream.h"

namespace orchestra {
namespace {

constexpr std::size_t kErrorBodyLimit = 64 * 1024;
constexpr std::string_view kJson = "application/json";

bool begins_with(std::string_view text, std::string_view lowered) {
  return equals_ignoring_case(text.substr(0, lowered.size()), lowered);
}

bool travels_to_caller(std::string_view name) {
  return equals_ignoring_case(name, "retry-after") || equals_ignoring_case(name, "retry-after-ms") ||
         begins_with(name, "x-ratelimit-") || begins_with(name, "anthropic-ratelimit-");
}

// The path of a task in the OpenAI dialect, for relays; translations take theirs from the codec.
std::string_view openai_path(TaskKind task) {
  switch (task) {
    case TaskKind::kChat: return "/chat/completions";
    case TaskKind::kCompletion: return "/completions";
    case TaskKind::kEmbedding: return "/embeddings";
    case TaskKind::kImage: return "/images/generations";
  }
  return "/chat/completions";
}

// A request body and what had to be left out of it.
struct Spelled {
  std::string path;
  Splice splice;           // relays
  std::string translated;  // translations
  std::vector<std::string_view> pieces;
  std::vector<std::string> dropped;
  bool hide_usage = false;
};

Result<void> spell(const UpstreamService& service, const Attempt& attempt, std::string_view model, Spelled& out) {
  const Call& call = attempt.call;
  if (attempt.candidate.form == Form::kRelay) {
    out.path = openai_path(call.shape.task);
    out.hide_usage = call.shape.stream && !call.shape.include_usage;
    splice_openai(call, model, out.hide_usage, out.splice);
    out.pieces = out.splice.pieces;
    return {};
  }
  TRY(const std::reference_wrapper<const Request> request, call.request());
  TRY(Upstream upstream, codec(service.dialect).encode(request, model));
  if (call.strict && !upstream.dropped.empty()) {
    return fail(Error{.fault = Fault::kInvalid,
                      .what = fmt::format("{} cannot say '{}', and x-orchestra-strict forbids dropping it. Leave the "
                                          "field out or choose another model.",
                                          service.name, upstream.dropped.front()),
                      .code = "unsupported_field",
                      .param = upstream.dropped.front()});
  }
  out.path = std::move(upstream.path);
  out.translated = std::move(upstream.body);
  out.dropped = std::move(upstream.dropped);
  out.pieces = {out.translated};
  return {};
}

std::vector<std::pair<std::string_view, std::string_view>> request_fields(const UpstreamService& service) {
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  fields.reserve(2 + service.plain_fields.size() + service.secret_fields.size());
  fields.emplace_back("content-type", kJson);
  for (const auto& [name, value] : service.plain_fields) fields.emplace_back(name, value);
  for (const auto& [name, value] : service.secret_fields) fields.emplace_back(name, value.reveal());
  return fields;
}

// What came where a stream was asked for: an error object with the status 200, or a service that does not stream.
Error no_stream(const UpstreamService& service, const HttpFields& fields, std::string_view body) {
  const auto root = parse_json(body);
  if (root && find(*root, "error") != nullptr) return upstream_error(service, 0, fields, body);
  return Error{
      .fault = Fault::kUpstream,
      .what = fmt::format("{} did not stream its answer: ask without `stream`, or choose another model.", service.name),
      .code = "upstream_invalid_response",
      .provider = service.name};
}

// Whether the upstream streams: SSE, or Ollama's lines of JSON.
bool is_stream(const HttpFields& fields) {
  const auto type = fields.find("content-type").value_or("");
  return begins_with(type, "text/event-stream") || begins_with(type, "application/x-ndjson");
}

Head make_head(const Call& call, const Candidate& candidate, const ClientResponse& response,
               std::vector<std::string> dropped) {
  Head head;
  head.status = response.status();
  head.stream = call.shape.stream;
  head.form = candidate.form;
  if (!head.stream) head.content_type = kJson;
  head.headers = passed_fields(response.fields());
  head.model = candidate.model.text;
  head.dropped = std::move(dropped);
  return head;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> passed_fields(const HttpFields& fields) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [name, value] = fields[i];
    if (travels_to_caller(name)) out.emplace_back(ascii_lowered(name), value);
  }
  return out;
}

Error upstream_error(const UpstreamService& service, int status, const HttpFields& fields, std::string_view body) {
  Error error = codec(service.dialect).decode_error(status, body);
  error.provider = service.name;
  error.headers = passed_fields(fields);
  if (const auto after = fields.find("retry-after")) {
    std::int64_t seconds = 0;
    const auto parsed = std::from_chars(after->data(), after->data() + after->size(), seconds);
    if (parsed.ec == std::errc() && seconds >= 0) error.retry_after = Seconds(seconds);
  }
  return error;
}

Error told_of(std::string_view provider, Error error) {
  if (error.provider.empty()) error.provider = provider;
  constexpr std::string_view kUpstream = "The upstream ";
  constexpr std::string_view kWorker = "on this machine";
  if (!error.what.starts_with(kUpstream)) return error;
  const std::string_view rest = std::string_view(error.what).substr(kUpstream.size());
  const bool worker = rest.starts_with(kWorker);
  const std::size_t word = std::min(rest.find(' '), rest.size());
  // An address ends in its port; a sentence that names none goes on with a verb.
  const bool address = rest.substr(0, word).contains(':');
  const std::size_t length = worker ? kWorker.size() : address ? word + 1 : 0;
  error.what = fmt::format("{}{}{}", worker ? "The model's worker" : provider, worker ? "" : " ",
                           rest.substr(std::min(length, rest.size())));
  return error;
}

std::string upstream_target(const UpstreamService& service, std::string_view path, std::string_view model) {
  std::string target = service.base_path;
  if (service.deployment_paths) {
    const auto deployment = service.deployments.find(model);
    target += "/openai/deployments/";
    target += deployment == service.deployments.end() ? model : std::string_view(deployment->second);
  }
  target += path;
  if (!service.query.empty()) target += "?" + service.query;
  return target;
}

Task<std::unique_ptr<Stream>> open_upstream(HttpClient& client, const Clock& clock, const UpstreamService& service,
                                            const Attempt& attempt, std::string_view upstream_model,
                                            std::optional<Lease> lease) {
  Spelled spelled;
  CO_TRY_VOID(spell(service, attempt, upstream_model, spelled));
  const auto fields = request_fields(service);
  const std::string target = upstream_target(service, spelled.path, upstream_model);
  ClientRequest request{.endpoint = lease ? lease->endpoint() : service.endpoint,
                        .method = "POST",
                        .target = target,
                        .fields = fields,
                        .body = spelled.pieces,
                        .connect_within = attempt.connect,
                        .head_by = std::min(attempt.first_content_by, attempt.deadline),
                        .reuse = !lease};
  auto sent = co_await client.send(request);
  if (!sent) co_return fail(told_of(service.name, std::move(sent.error())));
  std::unique_ptr<ClientResponse> response = std::move(*sent);
  if (response->status() / 100 != 2) {
    const auto body = co_await read_all(*response, kErrorBodyLimit, request.head_by);
    co_return fail(upstream_error(service, response->status(), response->fields(), body.value_or("")));
  }
  const bool stream = attempt.call.shape.stream && is_stream(response->fields());
  Head head = make_head(attempt.call, attempt.candidate, *response, std::move(spelled.dropped));
  if (head.stream != stream) {
    const auto body = co_await read_all(*response, kErrorBodyLimit, request.head_by);
    co_return fail(no_stream(service, response->fields(), body.value_or("")));
  }
  auto answer = std::make_unique<AnswerStream>(AnswerStream::Parts{.clock = clock,
                                                                   .codec = codec(service.dialect),
                                                                   .response = std::move(response),
                                                                   .lease = std::move(lease),
                                                                   .head = std::move(head),
                                                                   .task = attempt.call.shape.task,
                                                                   .hide_usage = spelled.hide_usage,
                                                                   .provider = service.name},
                                               attempt.deadline, attempt.idle);
  CO_TRY_VOID(co_await answer->read_to_content(request.head_by));
  co_return std::move(answer);
}

}  // namespace orchestra
