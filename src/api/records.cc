#include "api/records.h"

#include "ledger/usage.h"

namespace orchestra {
namespace {

Task<void> decision(ApiRequest& request, Store& store, const Clock& clock) {
  const auto id = RequestId::parse(request.path.find("request_id")->second);
  if (!id) co_return co_await respond_error(request, id.error(), clock);
  const auto stored = co_await store.request(*id);
  if (!stored) co_return co_await respond_error(request, stored.error(), clock);
  if (!*stored) {
    const Error error{.fault = Fault::kNotFound,
                      .what =
                          "There is no finished request of that id. It may still be running, or have been refused "
                          "before a model was asked.",
                      .code = "request_not_found"};
    co_return co_await respond_error(request, error, clock);
  }
  co_return co_await respond_json(request, 200, stored_request_to_json(**stored));
}

Task<void> usage(ApiRequest& request, Store& store, const Clock& clock) {
  const auto parameter = [&](std::string_view name) { return query_parameter(request.http().query, name); };
  const auto from = parameter("from"), to = parameter("to"), group_by = parameter("group_by");
  const auto model = parameter("model"), provider = parameter("provider"), tenant = parameter("tenant");
  const auto outcome = parameter("outcome");
  const auto query = parse_usage_query({.from = from,
                                        .to = to,
                                        .group_by = group_by,
                                        .model = model,
                                        .provider = provider,
                                        .tenant = tenant,
                                        .outcome = outcome},
                                       clock.wall());
  if (!query) co_return co_await respond_error(request, query.error(), clock);
  const auto report = co_await store.usage(*query);
  if (!report) co_return co_await respond_error(request, report.error(), clock);
  co_return co_await respond_json(request, 200, usage_to_json(*query, *report));
}

}  // namespace

void add_record_routes(Router& router, Store& store, const Clock& clock) {
  router.add("GET", "/api/v1/decisions/{request_id}",
             [&store, &clock](ApiRequest& request) { return decision(request, store, clock); });
  router.add("GET", "/api/v1/usage", [&store, &clock](ApiRequest& request) { return usage(request, store, clock); });
}

}  // namespace orchestra
