#include "policy/select.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/cost.h"
#include "policy/names.h"
#include "policy/race.h"
#include "policy/score.h"

namespace orchestra {
namespace {

// One model on its way through the filters.
struct Entry {
  std::size_t index = 0, position = 0;
  bool by_score = false;  // came in by `auto`
  const Model* model = nullptr;
  ModelHealth health;
  const WorkerView* worker = nullptr;
  Micros load{}, expected{};
  double score = 0;
  std::string verdict;  // empty while it is in
  std::string reason;
};

// What the filters need to know of the request.
struct Wants {
  const SelectInput& input;
  Capabilities needed = 0;
  Tokens tokens;
  bool named = false;
};

void refuse(Entry& entry, std::string_view verdict, std::string reason) {
  entry.verdict = verdict;
  entry.reason = std::move(reason);
}

bool has_capabilities(Entry& entry, const Wants& wants) {
  const Capabilities known = entry.model->capabilities;
  if (known == 0) return true;
  const Capabilities task = task_capability(wants.input.shape.task);
  if ((known & task) == 0) {
    refuse(entry, "task", fmt::format("{} does not do {}.", entry.model->id.text, capability_words(task)));
    return false;
  }
  const Capabilities missing = wants.needed & ~known;
  if (missing == 0 || (wants.named && !entry.model->local)) return true;
  refuse(entry, "capability", fmt::format("{} does not support {}.", entry.model->id.text, capability_words(missing)));
  return false;
}

bool has_room(Entry& entry, const Wants& wants) {
  if (!entry.model->context) return true;
  // Text of eight bytes a token is rare, so that twice the estimate is certainly too long.
  const auto limit = wants.named ? entry.model->context->count * 2 : entry.model->context->count;
  if (wants.tokens.count <= limit) return true;
  refuse(entry, "context",
         fmt::format("{} has a context window of {} tokens; the request holds about {}.", entry.model->id.text,
                     entry.model->context->count, wants.tokens.count));
  return false;
}

bool has_price(Entry& entry, const Wants& wants) {
  const Tokens output(wants.input.shape.task == TaskKind::kEmbedding ? 0 : 1);
  const bool known = entry.model->local || reservation(Tokens(1), output, entry.model->price).has_value();
  if (known || !wants.input.options.require_known_price) return true;
  refuse(entry, "price",
         fmt::format("The price of {} is not known, and known prices are required.", entry.model->id.text));
  return false;
}

bool fleet_can(Entry& entry, const Wants& wants) {
  if (entry.worker == nullptr || wants.named) return true;
  const auto state = entry.worker->state;
  if (state != WorkerState::kFailed && state != WorkerState::kQuarantined) return true;
  refuse(entry, "fleet",
         fmt::format("{} is down ({}){}{}", entry.model->id.text, worker_state_name(state),
                     entry.worker->error.empty() ? "." : ": ", entry.worker->error));
  return false;
}

bool breaker_lets(Entry& entry) {
  if (entry.health.admits) return true;
  const auto& opens_in = entry.health.opens_in;
  refuse(entry, "breaker",
         opens_in
             ? fmt::format("{} failed repeatedly; it is tried again in {} s.", entry.model->id.text, opens_in->count())
             : fmt::format("{} failed repeatedly and is being probed.", entry.model->id.text));
  return false;
}

Entry make_entry(const SelectInput& input, std::size_t index, bool by_score, Capabilities needed) {
  Entry entry{.index = index, .by_score = by_score, .model = &input.catalogue.models[index]};
  if (index < input.health.size()) entry.health = input.health[index];
  if (input.fleet != nullptr && entry.model->local) entry.worker = input.fleet->find(entry.model->id);
  entry.load = expected_load(*entry.model, entry.worker);
  entry.expected = entry.load + expected_answer(*entry.model, entry.health);
  entry.score = auto_score(*entry.model, entry.health, entry.expected, needed, input.shape.task);
  return entry;
}

std::vector<Entry> gather(const SelectInput& input, const ResolvedName& resolved, Capabilities needed) {
  std::vector<Entry> entries;
  entries.reserve(resolved.then_auto ? input.catalogue.models.size() : resolved.models.size());
  for (const auto index : resolved.models) entries.push_back(make_entry(input, index, false, needed));
  if (!resolved.then_auto) return entries;
  for (std::size_t index = 0; index < input.catalogue.models.size(); ++index) {
    if (std::ranges::find(resolved.models, index) == resolved.models.end()) {
      entries.push_back(make_entry(input, index, true, needed));
    }
  }
  return entries;
}

// Those that are in come first, in the order in which they are tried.
void put_in_order(std::vector<Entry>& entries) {
  const auto before = [](const Entry& a, const Entry& b) {
    if (a.verdict.empty() != b.verdict.empty()) return a.verdict.empty();
    const bool a_cools = a.health.cooling.has_value(), b_cools = b.health.cooling.has_value();
    if (a.verdict.empty() && a_cools != b_cools) return b_cools;
    if (a.by_score != b.by_score) return b.by_score;
    if (a.by_score && a.score != b.score) return a.score > b.score;
    return a.position < b.position;
  };
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].position = i;
  std::ranges::sort(entries, before);
}

Candidate make_candidate(const Entry& entry, const SelectInput& input, Tokens tokens) {
  const Model& model = *entry.model;
  const Tokens output = input.shape.task == TaskKind::kEmbedding ? Tokens(0)
                        : input.shape.max_tokens                 ? Tokens(*input.shape.max_tokens)
                                                                 : input.options.assumed_output;
  const auto reserve = reservation(tokens, output, model.price);
  const auto own = input.options.provider_timeouts.find(model.id.provider());
  const bool has_own = own != input.options.provider_timeouts.end();
  return Candidate{.model = model.id,
                   .form = model.dialect == input.dialect ? Form::kRelay : Form::kEvents,
                   .reserve = reserve.value_or(MicroUsd(0)),
                   .price_known = reserve.has_value(),
                   .expected = entry.expected,
                   .context = model.context,
                   .load = entry.load,
                   .timeouts = has_own ? std::optional(own->second) : std::nullopt};
}

std::string chosen_reason(const Entry& entry, bool first, bool named) {
  std::string reason = named   ? "The request names it."
                       : first ? (entry.by_score ? "It scores highest." : "It comes first in the chain.")
                               : "It is tried if those before it fail.";
  if (entry.health.cooling) {
    reason += fmt::format(" Its provider's rate limit holds for another {} s.", entry.health.cooling->count());
  }
  return reason;
}

void make_plan(Decision& decision, std::vector<Entry>& entries, const SelectInput& input, const Wants& wants) {
  const SelectOptions& options = input.options;
  int by_score = 0;
  for (auto& entry : entries) {
    if (!entry.verdict.empty()) continue;
    if (entry.by_score && by_score++ >= options.max_candidates) {
      refuse(entry, "rank", "Enough models stand before it.");
      continue;
    }
    const bool first = decision.plan.order.empty();
    entry.reason = chosen_reason(entry, first, wants.named);
    entry.verdict = first ? "chosen" : "fallback";
    decision.plan.order.push_back(make_candidate(entry, input, wants.tokens));
  }
  decision.plan.hedge_after = options.hedge_after;
  decision.plan.max_attempts = std::max(options.max_attempts, static_cast<int>(decision.plan.order.size()));
  decision.plan.attempts_per_candidate = options.attempts_per_candidate;
  decision.plan.backoff_base = options.backoff_base;
  decision.plan.backoff_cap = options.backoff_cap;
  decision.plan.timeouts = options.timeouts;
  for (const auto& candidate : decision.plan.order) {
    auto& total = decision.plan.timeouts.total;
    if (candidate.timeouts) total = std::max(total, candidate.timeouts->total);
  }
  decision.plan.stream = input.shape.stream;
}

// The error of a request that every model was refused for: what would help soonest, in the caller's hands.
Error explain_refusal(const std::vector<Entry>& entries, const Decision& decision, bool any_model) {
  if (entries.empty()) {
    auto what = any_model
                    ? fmt::format("None of the models behind \"{}\" is known now. GET /v1/models lists those that are.",
                                  decision.asked)
                    : fmt::format("There is no model behind \"{}\": {}", decision.asked, kNoModelAtAll);
    return Error{.fault = Fault::kNotFound, .what = std::move(what), .code = "model_not_found", .param = "model"};
  }
  std::optional<Seconds> soonest;
  for (const auto& entry : entries) {
    if (entry.verdict == "breaker")
      soonest = std::min(soonest.value_or(Seconds::max()), entry.health.opens_in.value_or(Seconds(1)));
  }
  const auto is_down = [](const Entry& entry) { return entry.verdict == "breaker" || entry.verdict == "fleet"; };
  const auto shown = std::ranges::find_if(entries, is_down);
  const bool down = shown != entries.end();
  const Entry& entry = down ? *shown : entries.front();
  const std::string lead =
      entries.size() == 1
          ? ""
          : fmt::format("None of the {} models behind \"{}\" can serve this request. ", entries.size(), decision.asked);
  Error error{.fault = down ? Fault::kUnavailable : Fault::kInvalid, .what = lead + entry.reason, .param = "model"};
  if (entry.verdict == "breaker") error.code = kCircuitOpen;
  if (entry.verdict == "context") error.code = kContextExceeded;
  if (entry.verdict == "capability" || entry.verdict == "task") error.code = "unsupported_by_model";
  if (down) error.retry_after = soonest;
  return error;
}

}  // namespace

Tokens estimated_input(const Shape& shape) noexcept {
  return Tokens(static_cast<std::int64_t>(shape.text_bytes / 4));
}

Selection select(const SelectInput& input) {
  Selection selection;
  Decision& decision = selection.decision;
  decision.asked = input.asked.empty() ? input.options.default_model : std::string(input.asked.substr(0, 256));
  decision.catalogue_version = input.catalogue.version;
  if (decision.asked.empty()) {
    selection.refused = Error{.fault = Fault::kInvalid, .what = "The request names no model.", .param = "model"};
    return selection;
  }
  auto resolved = resolve_name(input.catalogue, input.asked.empty() ? decision.asked : input.asked);
  if (!resolved) {
    decision.rule = "none";
    selection.refused = std::move(resolved).error();
    return selection;
  }
  decision.rule = resolved->rule;
  const Wants wants{input, needed_capabilities(input.shape), estimated_input(input.shape), resolved->named};
  auto entries = gather(input, *resolved, wants.needed);
  for (auto& entry : entries) {
    if (has_capabilities(entry, wants) && has_room(entry, wants) && has_price(entry, wants) &&
        fleet_can(entry, wants)) {
      breaker_lets(entry);
    }
  }
  put_in_order(entries);
  make_plan(decision, entries, input, wants);
  for (auto& entry : entries) {
    decision.considered.push_back({entry.model->id, entry.verdict, entry.reason, entry.score});
  }
  for (auto& name : resolved->unknown) {
    decision.considered.push_back({ModelId{name}, "unknown", "No provider offers it now."});
  }
  if (decision.plan.order.empty())
    selection.refused = explain_refusal(entries, decision, !input.catalogue.models.empty());
  return selection;
}

}  // namespace orchestra
