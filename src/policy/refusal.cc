#include "policy/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "policy/names.h"
#include "policy/race.h"

namespace orchestra {
namespace {

std::string code_of(Filter filter) {
  switch (filter) {
    case Filter::kBreaker: return std::string(kCircuitOpen);
    case Filter::kContext: return std::string(kContextExceeded);
    case Filter::kTask:
    case Filter::kCapability:
    case Filter::kSkill: return "unsupported_by_model";
    case Filter::kPrivacy: return "privacy";
    case Filter::kBudget: return "budget_exceeded";
    case Filter::kDeadline: return "deadline_exceeded";
    default: return {};
  }
}

// "capability 3, context 1".
std::string counted(const std::array<std::int64_t, kFilters>& counts) {
  std::string text;
  for (std::size_t filter = 1; filter < kFilters; ++filter) {
    if (counts[filter] == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", filter_name(static_cast<Filter>(filter)), counts[filter]);
  }
  return text;
}

std::optional<Seconds> soonest_probe(const RefusalInput& input) {
  std::optional<Seconds> soonest;
  for (const Refused& one : input.refused) {
    if (one.filter != Filter::kBreaker) continue;
    soonest =
        std::min(soonest.value_or(Seconds::max()), health_at(input.health, one.model).opens_in.value_or(Seconds(1)));
  }
  return soonest;
}

Error nothing_known(const RefusalInput& input) {
  auto what = input.catalogue.models.empty()
                  ? fmt::format("There is no model behind \"{}\": {}", input.asked, kNoModelAtAll)
                  : fmt::format("None of the models behind \"{}\" is known now. GET /v1/models lists those that are.",
                                input.asked);
  return Error{.fault = Fault::kNotFound, .what = std::move(what), .code = "model_not_found", .param = "model"};
}

}  // namespace

Error refusal(const RefusalInput& input) {
  if (input.refused.empty()) return nothing_known(input);
  const auto is_down = [](const Refused& one) {
    return one.filter == Filter::kBreaker || one.filter == Filter::kFleet;
  };
  auto shown = std::ranges::find_if(input.refused, is_down);
  const bool down = shown != input.refused.end();
  // Whom the last of the filters refused came nearest to serving.
  if (!down) shown = std::ranges::max_element(input.refused, {}, &Refused::filter);
  std::int64_t all = 0;
  for (const auto count : input.counts) all += count;
  const std::string lead = all == 1 ? ""
                                    : fmt::format("None of the {} models behind \"{}\" can serve this request ({}). ",
                                                  all, input.asked, counted(input.counts));
  Error error{
      .fault = down ? Fault::kUnavailable : Fault::kInvalid,
      .what = lead + refusal_sentence(*shown, input.catalogue.models[shown->model], input.facts.models[shown->model],
                                      health_at(input.health, shown->model), input.wants),
      .code = code_of(shown->filter),
      .param = "model"};
  if (down) error.retry_after = soonest_probe(input);
  return error;
}

}  // namespace orchestra
