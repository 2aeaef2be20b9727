#include "api/simulations.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "api/json_body.h"
#include "ledger/simulation.h"
#include "ledger/usage.h"

namespace orchestra {
namespace {

constexpr std::int64_t kUsualLimit = 100'000, kMostRequests = 10'000'000;
constexpr auto kUsualSpan = std::chrono::days(7);

struct Asked {
  SimulatedPolicy policy;
  UsageQuery query;  // the span, and the tenant
  std::int64_t limit = kUsualLimit;
  bool stream = false;
};

void read_rule(JsonBody& body, RankingRule& rule) {
  rule.strategy = body.optional_text("strategy").value_or("");
  rule.chain = body.optional_texts("chain");
  auto weights = body.optional_object("weights");
  if (!weights) return;
  const auto weight = [&](std::string_view name) { return weights->optional_number(name, 0, 1e6).value_or(0); };
  rule.weights = Weights{.quality = weight("quality"),
                         .latency = weight("latency"),
                         .cost = weight("cost"),
                         .resources = weight("resources")};
  body.note(*weights);
}

Result<SimulatedPolicy> read_policy(JsonBody& body) {
  SimulatedPolicy policy;
  read_rule(body, policy.usual);
  if (auto classes = body.optional_object("classes")) {
    for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
      auto rule = classes->optional_object(kQueryTypeNames[type]);
      if (!rule) continue;
      read_rule(*rule, policy.classes[type]);
      classes->note(*rule);
    }
    body.note(*classes);
  }
  if (auto providers = body.optional_object("providers")) {
    policy.allow = providers->optional_texts("allow");
    policy.deny = providers->optional_texts("deny");
    body.note(*providers);
  }
  policy.local_only = body.truth("local_only");
  if (const auto limit = body.optional_number("cost_limit_usd", 0, 1e6)) {
    policy.cost_limit = MicroUsd(std::llround(*limit * 1e6));
  }
  TRY_VOID(body.check());
  TRY_VOID(check_policy(policy));
  return policy;
}

Result<Asked> read_asked(const ApiRequest& request, WallTime now) {
  TRY_VOID(require_admin(request));
  TRY(auto body, JsonBody::parse(request.http().body));
  auto policy = body.optional_object("policy");
  const auto from = body.optional_text("from"), to = body.optional_text("to"), tenant = body.optional_text("tenant");
  Asked asked;
  asked.limit = body.optional_integer("limit", 1, kMostRequests).value_or(kUsualLimit);
  asked.stream = body.truth("stream");
  TRY_VOID(body.check());
  if (!policy) {
    return fail(Error{.fault = Fault::kUnprocessable,
                      .what = "The member \"policy\" is missing: it must be an object.",
                      .code = "invalid_request",
                      .param = "policy"});
  }
  TRY(asked.policy, read_policy(*policy));
  const std::string week_ago = format_time(now - kUsualSpan);
  TRY(asked.query, parse_usage_query({.from = from ? *from : week_ago, .to = to, .tenant = tenant}, now));
  return asked;
}

// One simulation under way. The store's thread and the loop take turns with `simulation`, which a page that outlives
// its caller still holds.
struct Run {
  ApiRequest& request;
  Store& store;
  const Clock& clock;
  Asked asked;
  std::shared_ptr<Simulation> simulation;  // shared: with the page that is being read
  bool begun = false;

  Task<void> line(std::string text) {
    if (!begun) {
      begun = true;
      HttpResponse head{.status = 200, .content_type = "application/x-ndjson", .body = {}, .fields = {}};
      head.fields.emplace_back("x-request-id", request.id.text());
      head.fields.emplace_back("cache-control", "no-cache");
      CO_TRY_VOID(co_await request.exchange.begin(std::move(head)));
    }
    text += '\n';
    co_return co_await request.exchange.write(text);
  }
};

Task<std::string> read_all_pages(Run& run) {
  const Asked& asked = run.asked;
  CO_TRY(const UsageReport report, co_await run.store.usage(asked.query));
  const std::int64_t all = report.total.requests, of = std::min(all, asked.limit);
  RequestSpan span{.from = asked.query.from, .to = asked.query.to, .tenant = asked.query.tenant, .after = {}};
  const std::int64_t page_size = span.most;
  for (std::int64_t left = asked.limit; left > 0;) {
    span.most = std::min(page_size, left);
    CO_TRY(const RequestPage page,
           co_await run.store.read(
               span, [simulation = run.simulation](const StoredRequest& stored) { simulation->add(stored); }));
    left -= page.requests;
    if (page.next.empty()) break;
    span.after = page.next;
    if (!asked.stream) continue;
    CO_TRY_VOID(
        co_await run.line(fmt::format(R"({{"progress":{{"requests":{},"of":{}}}}})", run.simulation->requests(), of)));
  }
  co_return run.simulation->json(all > run.simulation->requests());
}

Task<void> simulations(ApiRequest& request, Store& store, const Clock& clock) {
  auto asked = read_asked(request, clock.wall());
  if (!asked) co_return co_await respond_error(request, asked.error(), clock);
  auto simulation = std::make_shared<Simulation>(asked->policy);
  Run run{.request = request, .store = store, .clock = clock, .asked = std::move(*asked), .simulation = simulation};
  auto found = co_await read_all_pages(run);
  if (!found && found.error().fault == Fault::kCancelled) co_return std::unexpected(std::move(found).error());
  if (!run.asked.stream || (!found && !run.begun)) {
    if (!found) co_return co_await respond_error(request, found.error(), clock);
    co_return co_await respond_json(request, 200, std::move(*found));
  }
  if (found) {
    CO_TRY_VOID(co_await run.line(fmt::format(R"({{"simulation":{}}})", *found)));
  } else {
    CO_TRY_VOID(
        co_await run.line(error_response(found.error(), request.http().path, request.id.text(), clock.wall()).body));
  }
  co_return co_await request.exchange.finish();
}

}  // namespace

void add_simulation_routes(Router& router, Store& store, const Clock& clock) {
  router.add("POST", "/api/v1/simulations",
             [&store, &clock](ApiRequest& request) { return simulations(request, store, clock); });
}

}  // namespace orchestra
