// What every resource needs to answer one HTTP request.
#pragma once

#include <charconv>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/call.h"
#include "ports/exchange.h"

namespace orchestra {

// One request inside api/: the exchange, who asks, and the path's parameters, percent-decoded once.
struct ApiRequest {
  Exchange& exchange;
  RequestId id;
  Caller caller;
  std::map<std::string, std::string, std::less<>> path;
  const HttpRequest& http() const noexcept { return exchange.request(); }
};

// The first query parameter of that name, percent-decoded ('+' is a space).
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);
// The whole of `text` as a number; nothing when it is none, or more than one.
template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}
// Percent-decodes; malformed escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space);

// JSON with x-request-id.
Task<void> respond_json(const ApiRequest& request, int status, std::string body);
// An error as the callers of `path` read it: below /v1/ in the shape of the OpenAI dialect, elsewhere in that of
// CONTRACTS 6.3. With x-request-id, and Retry-After where it is known. A refused field is told in FastAPI's form as
// well: in `errors`, and on listeners of the surfaces 001, 002 and 004 in `detail`, where their clients look for it;
// `place` is where it stood: "body", "query" or "path".
HttpResponse error_response(const Error& error, std::string_view path, std::string_view request_id, WallTime now,
                            std::string_view surface = {}, std::string_view place = "body");
// kForbidden unless the caller is an administrator, which everybody is while there are no keys.
Result<void> require_admin(const ApiRequest& request);
// The same as error_response, for the path and listener of `request`.
Task<void> respond_error(const ApiRequest& request, const Error& error, const Clock& clock);
// What net/ refuses by itself, before there is a request: see net::RefusalWriter.
HttpResponse refusal_response(const Error& error, std::string_view path, const Clock& clock);
// Retry-After and the upstream's rate-limit fields that an error carries.
std::vector<std::pair<std::string, std::string>> error_fields(const Error& error, std::string_view request_id);

}  // namespace orchestra
