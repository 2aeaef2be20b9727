#include "api/context.h"

#include <fmt/format.h>

#include "base/json.h"
#include "dialects/codec.h"

namespace orchestra {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (percent_decode(pair.substr(0, equals), true) != name) continue;
    return equals == std::string_view::npos ? std::string() : percent_decode(pair.substr(equals + 1), true);
  }
  return std::nullopt;
}

Task<void> respond_json(const ApiRequest& request, int status, std::string body) {
  HttpResponse response{.status = status, .content_type = "application/json", .body = std::move(body)};
  response.fields.emplace_back("x-request-id", request.id.text());
  co_return co_await request.exchange.respond(std::move(response));
}

namespace {

// https://fastapi.tiangolo.com/tutorial/handling-errors/
std::string field_errors(const Error& error, std::string_view place) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_array().begin_object().key("loc").begin_array().string(place);
  if (!error.param.empty()) writer.string(error.param);
  writer.end_array().member("msg", error.what).member("type", "value_error").end_object().end_array();
  return out;
}

std::string error_json(const Error& error, std::string_view request_id, std::string_view timestamp,
                       std::string_view surface, std::string_view place) {
  const std::string_view code = error.code.empty() ? fault_code(error.fault) : std::string_view(error.code);
  std::string body;
  JsonWriter writer(body);
  const std::string errors = error.fault == Fault::kUnprocessable ? field_errors(error, place) : "";
  const bool as_array = !errors.empty() && (surface == "001" || surface == "002" || surface == "004");
  writer.begin_object();
  if (as_array) {
    writer.key("detail").raw(errors);
  } else {
    writer.member("detail", error.what);
  }
  writer.member("code", code).member("error", error.what);
  if (!errors.empty()) writer.key("errors").raw(errors);
  writer.member("timestamp", timestamp).member("request_id", request_id).member("service", "ai-orchestra");
  if (!error.param.empty()) writer.member("param", error.param);
  if (!error.provider.empty()) writer.member("provider", error.provider);
  writer.end_object();
  return body;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> error_fields(const Error& error, std::string_view request_id) {
  std::vector<std::pair<std::string, std::string>> fields{{"x-request-id", std::string(request_id)}};
  bool has_retry_after = false;
  for (const auto& [name, value] : error.headers) {
    has_retry_after |= name == "retry-after";
    fields.emplace_back(name, value);
  }
  if (error.retry_after && !has_retry_after) {
    fields.emplace_back("retry-after", fmt::format("{}", error.retry_after->count()));
  }
  if (error.fault == Fault::kUnauthenticated) fields.emplace_back("www-authenticate", "Bearer");
  return fields;
}

HttpResponse error_response(const Error& error, std::string_view path, std::string_view request_id, WallTime now,
                            std::string_view surface, std::string_view place) {
  HttpResponse response{.status = http_status(error.fault),
                        .content_type = "application/json",
                        .body = {},
                        .fields = error_fields(error, request_id)};
  response.body = path.starts_with("/v1/") ? codec(Dialect::kOpenAi).error_body(error, request_id)
                                           : error_json(error, request_id, format_time(now), surface, place);
  return response;
}

namespace {

// Parameters may stand in the query or in the body; what is missing of a request without a body is missing in its
// query.
std::string_view place_of(const ApiRequest& request, std::string_view param) {
  if (request.path.contains(param)) return "path";
  return request.http().body.empty() || query_parameter(request.http().query, param) ? "query" : "body";
}

}  // namespace

Task<void> respond_error(const ApiRequest& request, const Error& error, const Clock& clock) {
  const HttpRequest& http = request.http();
  co_return co_await request.exchange.respond(
      error_response(error, http.path, request.id.text(), clock.wall(), http.surface, place_of(request, error.param)));
}

Result<void> require_admin(const ApiRequest& request) {
  if (request.caller.admin) return {};
  return fail(Fault::kForbidden, "Admin privileges required: use an administrator's key.");
}

HttpResponse refusal_response(const Error& error, std::string_view path, const Clock& clock) {
  const WallTime now = clock.wall();
  return error_response(error, path, RequestId::make(now).text(), now);
}

}  // namespace orchestra
