#include "ledger/usage.h"

#include "base/json.h"
#include "ledger/decision_json.h"

namespace orchestra {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'767'348'000)};  // 2026-01-02T10:00:00Z

TEST(UsageQuery, DefaultsToTheLastThirtyDays) {
  const auto query = parse_usage_query({}, kNow);
  ASSERT_TRUE(query.has_value());
  EXPECT_GT(query->to, kNow);
  EXPECT_EQ(query->to - query->from, std::chrono::days(30));
  EXPECT_TRUE(query->group_by.empty());
}

TEST(UsageQuery, ReadsTimesInEveryUsualSpelling) {
  for (const std::string_view text : {"2026-01-02T10:00:00Z", "2026-01-02t10:00:00.000z", "2026-01-02T12:00:00+02:00",
                                      "2026-01-02T12:00:00 02:00", "2026-01-02 05:30:00-04:30", "1767348000"}) {
    const auto query = parse_usage_query({.from = "0", .to = text}, kNow);
    ASSERT_TRUE(query.has_value()) << text;
    EXPECT_EQ(query->to, kNow) << text;
  }
  EXPECT_EQ(parse_usage_query({.from = "2026-01-02"}, kNow)->from, kNow - std::chrono::hours(10));
  EXPECT_EQ(parse_usage_query({.from = "2026-01-02T09:59:59.1234567Z"}, kNow)->from, kNow - Micros(876'544));
}

TEST(UsageQuery, SaysWhatAParameterMayBe) {
  for (const std::string_view text : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-01-02T25:00:00Z",
                                      "2026-01-02T10:00:00", "2026-01-02T10:00:00Zx", "999999999999", "-1"}) {
    const auto query = parse_usage_query({.from = text}, kNow);
    ASSERT_FALSE(query.has_value()) << text;
    EXPECT_EQ(query.error().fault, Fault::kInvalid);
    EXPECT_EQ(query.error().param, "from");
  }
  EXPECT_EQ(parse_usage_query({.group_by = "model,colour"}, kNow).error().param, "group_by");
  EXPECT_EQ(parse_usage_query({.outcome = "great"}, kNow).error().param, "outcome");
  EXPECT_EQ(parse_usage_query({.from = "2026-01-02", .to = "2026-01-01"}, kNow).error().param, "from");
}

TEST(UsageQuery, GroupsByEachNameOnce) {
  const auto query = parse_usage_query({.group_by = "day,model,day", .outcome = "abandoned"}, kNow);
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->group_by, (std::vector{UsageGroup::kDay, UsageGroup::kModel}));
  EXPECT_EQ(query->outcome, Outcome::kAbandoned);
}

TEST(UsageJson, ShowsMoneyAsIntegerAndAsText) {
  UsageRow row{.model = "openai/gpt-4o",
               .sums = {.requests = 3, .unknown_cost_requests = 1, .cost = MicroUsd(2'000'270)}};
  row.sums.tokens.input = Tokens(1000);
  row.sums.tokens.output = Tokens(20);
  row.sums.latency.add(Micros(100'000), 3);
  UsageReport report{.rows = {row}, .total = row.sums};
  const UsageQuery query{.from = kNow - std::chrono::hours(1), .to = kNow, .group_by = {UsageGroup::kModel}};
  const auto value = parse_json(usage_to_json(query, report));
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(find_string(*value, "to"), "2026-01-02T10:00:00.000Z");
  const auto& first = find(*value, "rows")->as_array().at(0);
  EXPECT_EQ(find_string(first, "model"), "openai/gpt-4o");
  EXPECT_EQ(find_int(first, "cost_micro_usd"), 2'000'270);
  EXPECT_EQ(find_string(first, "cost_usd"), "2.000270");
  EXPECT_EQ(find_int(first, "unknown_cost_requests"), 1);
  EXPECT_EQ(find_int(*find(first, "tokens"), "total"), 1020);
  EXPECT_NEAR(*find_number(*find(first, "latency_ms"), "p50"), 100, 10);
  EXPECT_EQ(find_string(first, "tenant"), std::nullopt) << "only what was grouped by";
  EXPECT_TRUE(find(*find(*parse_json(usage_to_json(query, {})), "total"), "latency_ms")->at("p95").is_null());
}

TEST(UsageJson, NoKnownCostIsUnknownNotZero) {
  const UsageRow row{.model = "lab/echo", .sums = {.requests = 3, .unknown_cost_requests = 3}};
  const UsageReport report{.rows = {row}, .total = row.sums};
  const auto value = parse_json(usage_to_json({.group_by = {UsageGroup::kModel}}, report));
  ASSERT_TRUE(value.has_value());
  const auto& first = find(*value, "rows")->as_array().at(0);
  for (const json::value& sums : {first, *find(*value, "total")}) {
    EXPECT_TRUE(find(sums, "cost_micro_usd")->is_null());
    EXPECT_EQ(find_string(sums, "cost_usd"), "unknown");
  }
}

TEST(UsdText, IsExact) {
  EXPECT_EQ(usd_text(MicroUsd(0)), "0.000000");
  EXPECT_EQ(usd_text(MicroUsd(1)), "0.000001");
  EXPECT_EQ(usd_text(MicroUsd(-1'500'000)), "-1.500000");
  EXPECT_EQ(usd_text(MicroUsd(INT64_MIN)), "-9223372036854.775808");
}

StoredRequest stored() {
  Decision decision{.asked = "fast", .rule = "alias fast", .catalogue_version = 3};
  decision.considered = {{{"openai/gpt-4o"}, "chosen", "It is healthy.", std::nullopt}};
  decision.plan.order = {{.model = {"openai/gpt-4o"}}, {.model = {"anthropic/claude"}}};
  StoredRequest request;
  request.opened = {.id = RequestId::make(kNow),
                    .at = kNow,
                    .tenant = "acme",
                    .asked = "fast",
                    .reserve = MicroUsd(900),
                    .price_known = true};
  request.settled.model = {"anthropic/claude"};
  request.settled.usage = {.input = Tokens(10), .output = Tokens(5), .known = true};
  request.settled.latency = Micros(812'000);
  request.decision = decision_to_json(decision);
  return request;
}

TEST(StoredRequestJson, ExplainsTheDecision) {
  auto request = stored();
  request.settled.attempts = {{.candidate = 0, .took = Micros(2000), .outcome = "timeout", .what = "It was slow."},
                              {.candidate = 1, .started = Micros(2100), .took = Micros(800), .outcome = "answered"}};
  const auto value = parse_json(stored_request_to_json(request));
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(find_string(*value, "request_id"), request.opened.id.text());
  EXPECT_EQ(find_string(*value, "rule"), "alias fast");
  EXPECT_EQ(find_string(find(*value, "considered")->as_array().at(0), "reason"), "It is healthy.");
  EXPECT_EQ(find(*find(*value, "plan"), "order")->as_array().size(), 2U);
  const auto& attempts = find(*value, "attempts")->as_array();
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(find_string(attempts[0], "model"), "openai/gpt-4o");
  EXPECT_EQ(find_string(attempts[0], "what"), "It was slow.");
  EXPECT_EQ(find_string(attempts[1], "model"), "anthropic/claude");
  EXPECT_EQ(find_string(*value, "cost_usd"), "unknown");
  EXPECT_TRUE(find(*value, "cost_micro_usd")->is_null());
  EXPECT_EQ(find_string(*value, "reserved_usd"), "0.000900");
  EXPECT_EQ(find_number(*value, "latency_ms"), 812.0);
  EXPECT_TRUE(find(*value, "first_content_ms")->is_null());
}

TEST(StoredRequestJson, ANameThatLedNowhereIsReadFromTheDecision) {
  auto request = stored();
  request.opened.asked.clear();
  EXPECT_EQ(find_string(*parse_json(stored_request_to_json(request)), "asked"), "fast");
}

TEST(StoredRequestJson, ShowsTheOneAttemptOfASimpleSuccessAndSurvivesALostDecision) {
  auto request = stored();
  request.decision.clear();
  const auto value = parse_json(stored_request_to_json(request));
  ASSERT_TRUE(value.has_value());
  EXPECT_TRUE(find(*value, "plan")->is_null());
  const auto& attempts = find(*value, "attempts")->as_array();
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(find_string(attempts[0], "outcome"), "answered");
  EXPECT_EQ(find_string(attempts[0], "model"), "anthropic/claude");
}

}  // namespace
}  // namespace orchestra
