#include "api/call_fields.h"

#include <fmt/format.h>

#include <cmath>
#include <ranges>

#include "api/context.h"
#include "base/hash.h"
#include "domain/task_words.h"

namespace orchestra {
namespace {

constexpr Millis kLongestDeadline{std::chrono::hours(24)};

std::string_view trimmed(std::string_view text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The parts between commas, without blanks around them; empty ones are left out.
std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(list, ',')) {
    if (const auto text = trimmed(std::string_view(part)); !text.empty()) parts.push_back(text);
  }
  return parts;
}

Result<Weights> weights_of(std::string_view text) {
  Weights weights;
  for (const auto part : parts_of(text)) {
    const auto equals = part.find('=');
    const auto name = trimmed(part.substr(0, equals));
    const auto value =
        equals == std::string_view::npos ? std::nullopt : number_of<double>(trimmed(part.substr(equals + 1)));
    double* const weight = name == "quality"     ? &weights.quality
                           : name == "latency"   ? &weights.latency
                           : name == "cost"      ? &weights.cost
                           : name == "resources" ? &weights.resources
                                                 : nullptr;
    if (weight == nullptr || !value) {
      return fail(Fault::kInvalid,
                  "The x-orchestra-weights header must read like \"quality=0.5, latency=0.2, cost=0.3, resources=0\".");
    }
    *weight = *value;
  }
  return weights;
}

Result<void> read_providers(std::string_view list, Demand& demand) {
  for (const auto part : parts_of(list)) {
    if (part.starts_with('-')) {
      demand.deny.emplace_back(part.substr(1));
    } else {
      demand.allow.emplace_back(part);
    }
  }
  if (!demand.allow.empty() || !demand.deny.empty()) return {};
  return fail(Fault::kInvalid,
              "The x-orchestra-providers header names no provider. Write \"openai, anthropic\" to allow "
              "these alone, or \"-openai\" for all but that one.");
}

Result<void> read_cost(std::string_view text, Demand& demand) {
  const auto usd = number_of<double>(trimmed(text));
  if (!usd || !std::isfinite(*usd) || *usd < 0 || *usd > 1e6) {
    return fail(Fault::kInvalid, "The x-orchestra-max-cost-usd header must be an amount of dollars such as 0.02.");
  }
  demand.cost_limit = MicroUsd(std::llround(*usd * 1e6));
  return {};
}

Result<void> read_task(std::string_view word, Demand& demand) {
  if (const auto found = find_task_word(word)) {
    demand.skills = found->skills;
    return {};
  }
  std::string allowed;
  for (const TaskWord& one : kTaskWords) allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", one.word);
  return fail(Fault::kInvalid, fmt::format("The x-orchestra-task header must be one of {}.", allowed));
}

Result<void> read_demand(const HttpRequest& http, const Caller& caller, std::optional<Demand>& demand) {
  const auto want = [&demand]() -> Demand& { return demand ? *demand : demand.emplace(); };
  if (const auto strategy = http.fields.find("x-orchestra-strategy")) want().strategy = trimmed(*strategy);
  if (const auto weights = http.fields.find("x-orchestra-weights")) {
    TRY(want().weights, weights_of(*weights));
    if (demand->strategy.empty()) demand->strategy = "multi_objective";
  }
  if (const auto task = http.fields.find("x-orchestra-task")) TRY_VOID(read_task(trimmed(*task), want()));
  if (const auto privacy = http.fields.find("x-orchestra-privacy")) {
    if (trimmed(*privacy) != "local_only") {
      return fail(Fault::kInvalid, "The x-orchestra-privacy header must be \"local_only\", or be left out.");
    }
    want().local_only = true;
  }
  if (const auto providers = http.fields.find("x-orchestra-providers")) TRY_VOID(read_providers(*providers, want()));
  if (const auto cost = http.fields.find("x-orchestra-max-cost-usd")) TRY_VOID(read_cost(*cost, want()));
  if (const auto session = http.fields.find("x-session-id"); session && !session->empty()) {
    want().session = session_id(caller, *session);
  }
  return {};
}

}  // namespace

Result<void> read_call_fields(const HttpRequest& http, Call& call) {
  if (const auto strict = http.fields.find("x-orchestra-strict")) call.strict = *strict == "true" || *strict == "1";
  if (const auto deadline = http.fields.find("x-orchestra-deadline-ms")) {
    const auto millis = number_of<std::int64_t>(*deadline);
    if (!millis || *millis <= 0 || Millis(*millis) > kLongestDeadline) {
      return fail(Fault::kInvalid,
                  "The x-orchestra-deadline-ms header must be a whole number of milliseconds above 0.");
    }
    call.deadline = Millis(*millis);
  }
  return read_demand(http, call.caller, call.demand);
}

std::uint64_t session_id(const Caller& caller, std::string_view name) noexcept {
  // Apart by a byte that no name holds. Sessions only choose among models: no secret hangs on the hash.
  std::uint64_t hash = kFnvStart;
  for (const std::string_view part : {std::string_view(caller.tenant), std::string_view(caller.key_name), name}) {
    hash = fnv1a(0xff, fnv1a(part, hash));
  }
  return hash != 0 ? hash : 1;
}

}  // namespace orchestra
