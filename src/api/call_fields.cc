#include "api/call_fields.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ranges>

#include "api/context.h"
#include "base/ascii.h"
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

Result<void> read_deadline(std::string_view text, Call& call) {
  const auto millis = number_of<std::int64_t>(text);
  if (!millis || *millis <= 0 || Millis(*millis) > kLongestDeadline) {
    return fail(Fault::kInvalid, "The x-orchestra-deadline-ms header must be a whole number of milliseconds above 0.");
  }
  call.deadline = Millis(*millis);
  call.wishes().deadline = call.deadline;
  return {};
}

Result<void> read_weights(std::string_view text, Demand& demand) {
  TRY(demand.weights, weights_of(text));
  return {};
}

Result<void> read_privacy(std::string_view text, Demand& demand) {
  if (text != "local_only") {
    return fail(Fault::kInvalid, "The x-orchestra-privacy header must be \"local_only\", or be left out.");
  }
  demand.local_only = true;
  return {};
}

Result<void> read_strategy(std::string_view text, Demand& demand) {
  demand.strategy = text;
  return {};
}

// A header field that says something of the choice, and how it is read.
struct DemandField {
  std::string_view name;
  Result<void> (*read)(std::string_view text, Demand& demand);
};
constexpr std::array<DemandField, 6> kDemandFields{{{"x-orchestra-strategy", read_strategy},
                                                    {"x-orchestra-weights", read_weights},
                                                    {"x-orchestra-task", read_task},
                                                    {"x-orchestra-privacy", read_privacy},
                                                    {"x-orchestra-providers", read_providers},
                                                    {"x-orchestra-max-cost-usd", read_cost}}};

Result<void> read_field(std::string_view name, std::string_view value, Call& call) {
  if (equals_ignoring_case(name, "x-orchestra-strict")) {
    call.strict = value == "true" || value == "1";
    return {};
  }
  if (equals_ignoring_case(name, "x-orchestra-deadline-ms")) return read_deadline(value, call);
  if (equals_ignoring_case(name, "x-session-id")) {
    if (!value.empty()) call.wishes().session = session_id(call.caller, value);
    return {};
  }
  for (const DemandField& field : kDemandFields) {
    if (equals_ignoring_case(name, field.name)) return field.read(trimmed(value), call.wishes());
  }
  return {};
}

}  // namespace

Result<void> read_call_fields(const HttpRequest& http, Call& call) {
  // Most requests have none of them: a look at two letters is all that they pay.
  for (std::size_t i = 0; i < http.fields.size(); ++i) {
    const auto [name, value] = http.fields[i];
    if (name.size() < 2 || ascii_lower(name[0]) != 'x' || name[1] != '-') continue;
    TRY_VOID(read_field(name, value, call));
  }
  if (call.demand && call.demand->weights && call.demand->strategy.empty()) call.demand->strategy = "multi_objective";
  return {};
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
