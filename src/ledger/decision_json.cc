#include "ledger/decision_json.h"

#include <fmt/format.h>

#include "ledger/object_reader.h"
#include "ledger/ranking_json.h"

namespace orchestra {
namespace {

void write_considered(JsonWriter& writer, const Considered& considered) {
  writer.begin_object()
      .member("model", considered.model.text)
      .member("verdict", considered.verdict)
      .member("reason", considered.reason);
  if (considered.contender) write_contender(writer, *considered.contender);
  writer.end_object();
}

void write_timeouts(JsonWriter& writer, const Timeouts& timeouts) {
  writer.key("timeouts")
      .begin_object()
      .member("connect_us", timeouts.connect.count())
      .member("first_content_us", timeouts.first_content.count())
      .member("idle_us", timeouts.idle.count())
      .member("total_us", timeouts.total.count())
      .end_object();
}

void write_candidate(JsonWriter& writer, const Candidate& candidate) {
  writer.begin_object()
      .member("model", candidate.model.text)
      .member("form", candidate.form == Form::kRelay ? "relay" : "events")
      .member("reserve_micro_usd", candidate.price_known ? std::optional(candidate.reserve.count) : std::nullopt)
      .member("expected_us", candidate.expected.count())
      .member("load_us", candidate.load.count());
  if (candidate.context) writer.member("context_tokens", candidate.context->count);
  if (candidate.timeouts) write_timeouts(writer, *candidate.timeouts);
  writer.end_object();
}

void write_plan(JsonWriter& writer, const Plan& plan) {
  writer.begin_object().key("order").begin_array();
  for (const auto& candidate : plan.order) write_candidate(writer, candidate);
  writer.end_array()
      .member("hedge_after_us", plan.hedge_after.count())
      .member("max_attempts", plan.max_attempts)
      .member("attempts_per_candidate", plan.attempts_per_candidate)
      .member("backoff_base_us", plan.backoff_base.count())
      .member("backoff_cap_us", plan.backoff_cap.count())
      .member("budget_us", plan.budget.count())
      .member("stream", plan.stream);
  write_timeouts(writer, plan.timeouts);
  writer.end_object();
}

Timeouts read_timeouts(ObjectReader timeouts) {
  return {.connect = timeouts.micros("connect_us"),
          .first_content = timeouts.micros("first_content_us"),
          .idle = timeouts.micros("idle_us"),
          .total = timeouts.micros("total_us")};
}

Candidate read_candidate(ObjectReader reader) {
  Candidate candidate;
  candidate.model.text = reader.text("model");
  candidate.form = reader.text("form") == "events" ? Form::kEvents : Form::kRelay;
  candidate.price_known = !reader.is_null("reserve_micro_usd");
  if (candidate.price_known) candidate.reserve = MicroUsd(reader.integer("reserve_micro_usd"));
  candidate.expected = reader.micros("expected_us");
  if (!reader.is_null("load_us")) candidate.load = reader.micros("load_us");
  if (!reader.is_null("context_tokens")) candidate.context = Tokens(reader.integer("context_tokens"));
  if (!reader.is_null("timeouts")) candidate.timeouts = read_timeouts(reader.object("timeouts"));
  return candidate;
}

Plan read_plan(ObjectReader reader, std::string& missing) {
  Plan plan;
  for (const auto& item : reader.array("order")) plan.order.push_back(read_candidate({&item, missing}));
  plan.hedge_after = reader.micros("hedge_after_us");
  plan.max_attempts = static_cast<int>(reader.integer("max_attempts"));
  plan.attempts_per_candidate = static_cast<int>(reader.integer("attempts_per_candidate"));
  plan.backoff_base = reader.micros("backoff_base_us");
  plan.backoff_cap = reader.micros("backoff_cap_us");
  if (!reader.is_null("budget_us")) plan.budget = reader.micros("budget_us");
  plan.stream = reader.is_null("stream") || reader.truth("stream");
  plan.timeouts = read_timeouts(reader.object("timeouts"));
  return plan;
}

}  // namespace

std::string decision_to_json(const Decision& decision) {
  std::string text;
  text.reserve(1024 + 384 * decision.considered.size());
  JsonWriter writer(text);
  writer.begin_object()
      .member("asked", decision.asked)
      .member("rule", decision.rule)
      .member("catalogue_version", decision.catalogue_version)
      .member("fallback_used", decision.fallback_used);
  if (decision.loading) writer.member("loading", decision.loading->text);
  write_features(writer, decision.features);
  writer.key("considered").begin_array();
  for (const auto& considered : decision.considered) write_considered(writer, considered);
  writer.end_array().key("verdicts").begin_object();
  for (const auto& [verdict, count] : decision.verdicts) writer.member(verdict, count);
  writer.end_object().key("plan");
  write_plan(writer, decision.plan);
  writer.end_object();
  return text;
}

Result<Decision> decision_from_json(std::string_view text) {
  TRY(const auto value, parse_json(text));
  std::string missing;
  ObjectReader reader(&value, missing);
  Decision decision;
  decision.asked = reader.text("asked");
  decision.rule = reader.text("rule");
  decision.catalogue_version = reader.integer("catalogue_version");
  // A decision of an earlier version has no features; it can be shown, and not be ranked again.
  if (!reader.is_null("features")) {
    decision.fallback_used = reader.truth("fallback_used");
    decision.features = read_features(reader.object("features"));
    decision.verdicts = reader.counts("verdicts");
  }
  if (!reader.is_null("loading")) decision.loading = ModelId{reader.text("loading")};
  for (const auto& item : reader.array("considered")) {
    ObjectReader considered(&item, missing);
    Considered& entry = decision.considered.emplace_back();
    entry.model.text = considered.text("model");
    entry.verdict = considered.text("verdict");
    entry.reason = considered.text("reason");
    if (!considered.is_null("contender")) entry.contender = read_contender(considered);
  }
  decision.plan = read_plan(reader.object("plan"), missing);
  if (!missing.empty()) {
    return fail(Fault::kInvalid, fmt::format("The decision has no member \"{}\" of the right type.", missing));
  }
  return decision;
}

}  // namespace orchestra
