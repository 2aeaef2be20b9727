// What was spent and why, as the API shows it. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/usage_report.h"
#include "ports/store.h"

namespace orchestra {

// The query parameters of `GET /api/v1/usage`, as text; absent ones are nothing.
struct UsageParameters {
  std::optional<std::string_view> from, to;  // RFC 3339 ("2026-01-02", "2026-01-02T10:00:00Z", "...+02:00") or seconds
                                             // since 1970; by default the last 30 days until now
  std::optional<std::string_view> group_by;  // one or more of model, provider, day, tenant, outcome, with commas
  std::optional<std::string_view> model, provider, tenant, outcome;
};

// kInvalid names the parameter and what it may be.
Result<UsageQuery> parse_usage_query(const UsageParameters& parameters, WallTime now);

// {"from":...,"to":...,"group_by":[...],"rows":[{"model":"openai/gpt-4o","requests":...}],"total":{...}}; each row and
// the total have: requests, tokens {input, output, cached_input, cache_write, reasoning, audio_input, audio_output,
// total}, estimated_usage_requests, cost_micro_usd (integer), cost_usd (decimal text), unknown_cost_requests (their
// cost is not in the sum), latency_ms {p50, p95} (null without any).
std::string usage_to_json(const UsageQuery& query, const UsageReport& report);

// A request's answer to "why this model?": request_id, at, tenant, task, asked, rule, considered, plan, attempts,
// outcome, status, model, stream, usage, cost ("unknown" when it is), latency. What has no decision shows null.
std::string stored_request_to_json(const StoredRequest& stored);

// "answered", "failed", "abandoned", "interrupted".
std::string_view outcome_name(Outcome outcome) noexcept;

// "0.002700": US dollars with six places; exact.
std::string usd_text(MicroUsd amount);

}  // namespace orchestra
