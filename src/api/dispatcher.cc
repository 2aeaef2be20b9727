#include "api/dispatcher.h"

#include <fmt/format.h>

#include "dialects/codec.h"

namespace orchestra {

Dispatcher::Dispatcher(const Router& router, const Clock& clock, std::shared_ptr<const ApiKeys> keys)
    : router_(router), clock_(clock), keys_(std::move(keys)) {}

// Paths below /v1/ belong to the OpenAI dialect, whose clients read errors in its shape only.
Task<void> Dispatcher::refuse(ApiRequest& request, const Error& error) const {
  if (!request.http().path.starts_with("/v1/")) co_return co_await respond_error(request, error, clock_);
  HttpResponse response{.status = http_status(error.fault),
                        .content_type = "application/json",
                        .body = codec(Dialect::kOpenAi).error_body(error, request.id.text()),
                        .fields = error_fields(error, request.id.text())};
  co_return co_await request.exchange.respond(std::move(response));
}

Task<void> Dispatcher::handle(Exchange& exchange) {
  ApiRequest request{.exchange = exchange, .id = RequestId::make(clock_.wall()), .caller = {}, .path = {}};
  const HttpRequest& http = exchange.request();
  Router::Match match = router_.match(http.method, http.path);
  if (!match.route && match.allowed.empty()) {
    co_return co_await refuse(
        request, {.fault = Fault::kNotFound,
                  .what = fmt::format("There is nothing at {:.200}. GET /docs lists what there is.", http.path),
                  .code = "path_not_found"});
  }
  if (!match.route) {
    Error error{.fault = Fault::kMethodNotAllowed,
                .what = fmt::format("{} does not take {}; it takes {}.", http.path, http.method, match.allowed)};
    error.headers.emplace_back("allow", match.allowed);
    co_return co_await refuse(request, error);
  }
  if (match.needs_key) {
    auto caller = keys_->authenticate(http);
    if (!caller) co_return co_await refuse(request, caller.error());
    request.caller = std::move(*caller);
  }
  request.path = std::move(match.path);
  co_return co_await (*match.route)(request);
}

}  // namespace orchestra
