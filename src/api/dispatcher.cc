#include "api/dispatcher.h"

#include <fmt/format.h>

namespace orchestra {

Dispatcher::Dispatcher(const Router& router, const Clock& clock, std::shared_ptr<const ApiKeys> keys)
    : router_(router), clock_(clock), keys_(std::move(keys)) {}

bool Dispatcher::wants_body(const HttpRequest& head) const {
  const Router::Match match = router_.match(head.method, head.path);
  return match.route && (!match.needs_key || keys_->authenticate(head));
}

Task<void> Dispatcher::handle(Exchange& exchange) {
  ApiRequest request{.exchange = exchange, .id = RequestId::make(clock_.wall()), .caller = {}, .path = {}};
  const HttpRequest& http = exchange.request();
  Router::Match match = router_.match(http.method, http.path);
  if (!match.route && match.allowed.empty()) {
    co_return co_await respond_error(
        request,
        {.fault = Fault::kNotFound,
         .what = fmt::format("There is nothing at {:.200}. GET /docs lists what there is.", http.path),
         .code = "path_not_found"},
        clock_);
  }
  if (!match.route) {
    Error error{.fault = Fault::kMethodNotAllowed,
                .what = fmt::format("{} does not take {}; it takes {}.", http.path, http.method, match.allowed)};
    error.headers.emplace_back("allow", match.allowed);
    co_return co_await respond_error(request, error, clock_);
  }
  if (match.needs_key) {
    auto caller = keys_->authenticate(http);
    if (!caller) co_return co_await respond_error(request, caller.error(), clock_);
    request.caller = std::move(*caller);
  }
  request.path = std::move(match.path);
  co_return co_await (*match.route)(request);
}

}  // namespace orchestra
