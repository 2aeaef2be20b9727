#include "ledger/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <ranges>

#include "base/clock.h"
#include "base/json.h"
#include "ledger/decision_json.h"

namespace orchestra {
namespace {

constexpr std::array<std::pair<std::string_view, UsageGroup>, 5> kGroups = {{{"model", UsageGroup::kModel},
                                                                             {"provider", UsageGroup::kProvider},
                                                                             {"day", UsageGroup::kDay},
                                                                             {"tenant", UsageGroup::kTenant},
                                                                             {"outcome", UsageGroup::kOutcome}}};

constexpr std::array kOutcomes = {Outcome::kAnswered, Outcome::kFailed, Outcome::kAbandoned, Outcome::kInterrupted};

std::unexpected<Error> bad_parameter(std::string_view name, std::string what) {
  Error error{.fault = Fault::kInvalid, .what = std::move(what)};
  error.param = name;
  return fail(std::move(error));
}

// Takes `digits` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || value < 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Seconds and fractions; RFC 3339 allows any number of places, of which microseconds are kept.
std::optional<Micros> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  Micros time = std::chrono::hours(*hour) + std::chrono::minutes(*minute) + Seconds(*second);
  if (!take(text, ".")) return time;
  std::int64_t unit = 100'000;
  std::size_t places = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++places, unit /= 10) {
    time += Micros((text.front() - '0') * unit);
    text.remove_prefix(1);
  }
  if (places == 0) return std::nullopt;
  return time;
}

std::optional<Micros> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return Micros(0);
  const int sign = text.starts_with('-') ? -1 : 1;
  // A '+' in a query string that was not percent-encoded arrives as a space.
  if (!take(text, "+- ")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return Micros(sign * (std::chrono::hours(*hours) + std::chrono::minutes(*minutes)));
}

std::optional<WallTime> parse_time(std::string_view text) {
  const bool all_digits = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  if (all_digits && text.size() <= 11) {
    std::int64_t seconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return WallTime(Seconds(seconds));
  }
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const WallTime midnight{std::chrono::sys_days(date)};
  if (text.empty()) return midnight;
  if (!take(text, "Tt ")) return std::nullopt;
  const auto time = take_time_of_day(text);
  if (!time) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return midnight + *time - *offset;
}

Result<WallTime> time_parameter(std::string_view name, std::optional<std::string_view> text, WallTime otherwise) {
  if (!text) return otherwise;
  if (const auto time = parse_time(*text)) return *time;
  return bad_parameter(name, fmt::format("'{}' must be a time such as 2026-01-02T10:00:00Z, a day such as 2026-01-02, "
                                         "or seconds since 1970.",
                                         name));
}

Result<std::vector<UsageGroup>> parse_groups(std::string_view text) {
  std::vector<UsageGroup> groups;
  for (const auto part : std::views::split(text, ',')) {
    const std::string_view name(part.begin(), part.end());
    const auto* const found = std::ranges::find(kGroups, name, &std::pair<std::string_view, UsageGroup>::first);
    if (found == kGroups.end()) {
      return bad_parameter("group_by",
                           "'group_by' is one or more of model, provider, day, tenant and outcome, "
                           "separated by commas.");
    }
    if (std::ranges::find(groups, found->second) == groups.end()) groups.push_back(found->second);
  }
  return groups;
}

void write_tokens(JsonWriter& writer, const Usage& usage) {
  writer.begin_object()
      .member("input", usage.input.count)
      .member("output", usage.output.count)
      .member("cached_input", usage.cached_input.count)
      .member("cache_write", usage.cache_write.count)
      .member("reasoning", usage.reasoning.count)
      .member("audio_input", usage.audio_input.count)
      .member("audio_output", usage.audio_output.count)
      .member("total", usage.input.count + usage.output.count)
      .end_object();
}

void write_millis(JsonWriter& writer, std::string_view name, std::optional<Micros> time) {
  writer.member(name, time.transform(in_milliseconds));
}

void write_money(JsonWriter& writer, std::string_view micro_name, std::string_view usd_name, MicroUsd amount,
                 bool known) {
  if (known) {
    writer.member(micro_name, amount.count).member(usd_name, usd_text(amount));
  } else {
    writer.key(micro_name).null().member(usd_name, "unknown");
  }
}

void write_sums(JsonWriter& writer, const UsageSums& sums) {
  writer.member("requests", sums.requests).key("tokens");
  write_tokens(writer, sums.tokens);
  writer.member("estimated_usage_requests", sums.estimated_usage_requests);
  // A sum over known costs only, with the number of those that are missing; no cost known is no sum.
  const bool any_known = sums.unknown_cost_requests == 0 || sums.unknown_cost_requests < sums.requests;
  write_money(writer, "cost_micro_usd", "cost_usd", sums.cost, any_known);
  writer.member("unknown_cost_requests", sums.unknown_cost_requests).key("latency_ms").begin_object();
  write_millis(writer, "p50", sums.latency.quantile(0.5));
  write_millis(writer, "p95", sums.latency.quantile(0.95));
  writer.end_object();
}

void write_group(JsonWriter& writer, UsageGroup group, const UsageRow& row) {
  switch (group) {
    case UsageGroup::kModel: writer.member("model", row.model); return;
    case UsageGroup::kProvider: writer.member("provider", row.provider); return;
    case UsageGroup::kDay: writer.member("day", row.day); return;
    case UsageGroup::kTenant: writer.member("tenant", row.tenant); return;
    case UsageGroup::kOutcome: writer.member("outcome", outcome_name(row.outcome.value_or(Outcome::kAnswered))); return;
  }
}

// The decision's own members, as they were stored.
void write_decision(JsonWriter& writer, const StoredRequest& stored) {
  const auto parsed = parse_json(stored.decision);
  const auto in_decision = parsed ? find_string(*parsed, "asked") : std::nullopt;
  writer.member("asked", stored.opened.asked.empty() && in_decision ? std::string_view(*in_decision)
                                                                    : std::string_view(stored.opened.asked));
  for (const std::string_view name :
       {"rule", "catalogue_version", "fallback_used", "loading", "features", "considered", "verdicts", "plan"}) {
    const auto* member = parsed ? find(*parsed, name) : nullptr;
    writer.key(name);
    if (member != nullptr) {
      writer.raw(json::serialize(*member));
    } else {
      writer.null();
    }
  }
}

// The name of the candidate that an attempt tried; empty when the decision is gone.
std::string candidate_name(const std::optional<Decision>& decision, const AttemptRecord& attempt) {
  if (!decision || attempt.candidate >= decision->plan.order.size()) return {};
  return decision->plan.order[attempt.candidate].model.text;
}

// The first attempt of a request that simply succeeded is not stored: it follows from the rest of the record.
std::vector<AttemptRecord> attempts_of(const SpendSettled& settled) {
  if (!settled.attempts.empty() || settled.outcome != Outcome::kAnswered) return settled.attempts;
  return {{.candidate = 0, .started = Micros(0), .took = settled.latency, .outcome = "answered"}};
}

void write_attempts(JsonWriter& writer, const StoredRequest& stored) {
  std::optional<Decision> decision;
  if (auto parsed = decision_from_json(stored.decision)) decision = std::move(*parsed);
  writer.begin_array();
  for (const auto& attempt : attempts_of(stored.settled)) {
    const auto name = candidate_name(decision, attempt);
    writer.begin_object().member("model", name.empty() ? stored.settled.model.text : name);
    write_millis(writer, "started_ms", attempt.started);
    write_millis(writer, "took_ms", attempt.took);
    writer.member("outcome", attempt.outcome);
    if (!attempt.what.empty()) writer.member("what", attempt.what);
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

std::string_view outcome_name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kAnswered: return "answered";
    case Outcome::kFailed: return "failed";
    case Outcome::kAbandoned: return "abandoned";
    case Outcome::kInterrupted: return "interrupted";
  }
  return "failed";
}

std::string usd_text(MicroUsd amount) {
  const auto absolute =
      amount.count < 0 ? 0 - static_cast<std::uint64_t>(amount.count) : static_cast<std::uint64_t>(amount.count);
  return fmt::format("{}{}.{:06}", amount.count < 0 ? "-" : "", absolute / 1'000'000, absolute % 1'000'000);
}

Result<UsageQuery> parse_usage_query(const UsageParameters& parameters, WallTime now) {
  UsageQuery query;
  // The end is exclusive: one tick behind now includes what came in this very moment.
  TRY(query.to, time_parameter("to", parameters.to, now + Micros(1)));
  TRY(query.from, time_parameter("from", parameters.from, query.to - std::chrono::days(30)));
  if (query.from > query.to) return bad_parameter("from", "'from' must not be later than 'to'.");
  if (parameters.group_by && !parameters.group_by->empty()) {
    TRY(query.group_by, parse_groups(*parameters.group_by));
  }
  query.model = parameters.model;
  query.provider = parameters.provider;
  query.tenant = parameters.tenant;
  if (parameters.outcome) {
    const auto* const found = std::ranges::find(kOutcomes, *parameters.outcome, outcome_name);
    if (found == kOutcomes.end()) {
      return bad_parameter("outcome", "'outcome' is one of answered, failed, abandoned and interrupted.");
    }
    query.outcome = *found;
  }
  return query;
}

std::string usage_to_json(const UsageQuery& query, const UsageReport& report) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object()
      .member("from", format_time(query.from))
      .member("to", format_time(query.to))
      .key("group_by")
      .begin_array();
  for (const auto group : query.group_by) {
    writer.string(std::ranges::find(kGroups, group, &std::pair<std::string_view, UsageGroup>::second)->first);
  }
  writer.end_array().key("rows").begin_array();
  for (const auto& row : report.rows) {
    writer.begin_object();
    for (const auto group : query.group_by) write_group(writer, group, row);
    write_sums(writer, row.sums);
    writer.end_object();
  }
  writer.end_array().key("total").begin_object();
  write_sums(writer, report.total);
  writer.end_object().end_object();
  return text;
}

std::string stored_request_to_json(const StoredRequest& stored) {
  const SpendOpened& opened = stored.opened;
  const SpendSettled& settled = stored.settled;
  std::string text;
  JsonWriter writer(text);
  writer.begin_object()
      .member("request_id", opened.id.text())
      .member("at", format_time(opened.at))
      .member("tenant", opened.tenant)
      .member("task", task_name(opened.task));
  write_decision(writer, stored);
  writer.key("attempts");
  write_attempts(writer, stored);
  writer.member("outcome", outcome_name(settled.outcome))
      .member("status", settled.status)
      .member("model", settled.model.text)
      .member("stream", settled.stream)
      .key("usage");
  write_tokens(writer, settled.usage);
  writer.member("usage_known", settled.usage.known);
  write_money(writer, "cost_micro_usd", "cost_usd", settled.cost, settled.cost_known);
  write_money(writer, "reserved_micro_usd", "reserved_usd", opened.reserve, opened.price_known);
  const bool timed = settled.outcome != Outcome::kInterrupted;
  write_millis(writer, "latency_ms", timed ? std::optional(settled.latency) : std::nullopt);
  write_millis(writer, "first_content_ms",
               settled.first_content.count() > 0 ? std::optional(settled.first_content) : std::nullopt);
  writer.end_object();
  return text;
}

}  // namespace orchestra
