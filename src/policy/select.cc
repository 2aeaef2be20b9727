#include "policy/select.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "policy/cost.h"
#include "policy/filters.h"
#include "policy/names.h"
#include "policy/ranking.h"
#include "policy/refusal.h"
#include "policy/strategies/list.h"

namespace orchestra {
namespace {

constexpr Measured kNeverMeasured;

// Everybody who was looked at: contenders in the order of the catalogue, and those who were refused.
struct Field {
  std::vector<Contender> contenders;
  std::vector<Refused> refused;  // at most kShortlist
  std::array<std::int64_t, kFilters> counts{};
};

// One selection under way.
class Choosing {
 public:
  Choosing(const SelectInput& input, std::string_view asked, const Strategy& strategy)
      : input_(input), asked_(asked), strategy_(strategy) {}

  Selection run(ResolvedName resolved, Features features);

 private:
  const ModelHealth& health(std::size_t model) const noexcept { return health_at(input_.health, model); }
  const Measured& measured(std::size_t model) const noexcept {
    return model < input_.measured.size() ? input_.measured[model] : kNeverMeasured;
  }
  bool refused_by(Filter filter) const noexcept { return field_.counts[static_cast<std::size_t>(filter)] > 0; }
  Wants make_wants(const ResolvedName& resolved, const Features& features);
  void look_at(std::size_t model, std::int32_t position);
  void gather(const ResolvedName& resolved);
  std::vector<std::uint32_t> ranked();
  bool waits_for_load(const Contender& contender) const noexcept;
  bool put_off_loading(const Contender& first);
  Candidate make_candidate(const Contender& contender) const;
  std::string standing(const Contender& contender) const;
  std::string reason(const Contender& contender, bool first) const;
  void make_plan(Decision& decision, const std::vector<std::uint32_t>& order);
  void show_refused(Decision& decision) const;

  const SelectInput& input_;
  const std::string_view asked_;
  const Strategy& strategy_;
  Wants wants_;
  std::unique_ptr<bool[]> providers_;
  Features features_;
  Field field_;
  const Model* loading_ = nullptr;  // it is loaded while others answer
  bool by_class_ = false;           // the chain is that of the query's class
};

float doubt_of(const std::optional<CountedPrompt>& counted) noexcept {
  if (!counted) return kEstimateDoubt;
  return counted->exact ? 1.0F : kOtherEncodingDoubt;
}

Wants Choosing::make_wants(const ResolvedName& resolved, const Features& features) {
  const Demand& demand = input_.demand;
  Wants wants{.task = input_.shape.task,
              .needed = needed_capabilities(input_.shape),
              .skills = demand.skills,
              .input = features.input,
              .output = features.output,
              .named = resolved.named,
              .local_only = demand.local_only,
              .price_required = input_.options.require_known_price || demand.cost_limit.has_value(),
              .doubt = doubt_of(input_.counted)};
  if (demand.cost_limit) wants.cost_limit = static_cast<float>(in_usd(*demand.cost_limit));
  if (demand.deadline) wants.deadline = std::chrono::duration<float>(*demand.deadline).count();
  if (demand.allow.empty() && demand.deny.empty()) return wants;
  const auto& names = input_.facts.providers;
  providers_ = std::make_unique<bool[]>(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool allowed = demand.allow.empty() || std::ranges::find(demand.allow, names[i]) != demand.allow.end();
    providers_[i] = allowed && std::ranges::find(demand.deny, names[i]) == demand.deny.end();
  }
  wants.providers = {providers_.get(), names.size()};
  return wants;
}

void Choosing::look_at(std::size_t model, std::int32_t position) {
  const ModelFacts& facts = input_.facts.models[model];
  const Expectation expected = expect(facts, health(model), measured(model), wants_);
  const Filter filter = first_refusal(facts, health(model), wants_, expected.usd, expected.known);
  if (filter != Filter::kPasses) {
    ++field_.counts[static_cast<std::size_t>(filter)];
    if (field_.refused.size() < kShortlist) {
      field_.refused.push_back({static_cast<std::uint32_t>(model), filter, expected.known});
    }
    return;
  }
  field_.contenders.push_back({.model = static_cast<std::uint32_t>(model),
                               .draw = facts.draw,
                               .position = position,
                               .terms = terms_of(facts, health(model), measured(model), expected),
                               .samples = measured(model).samples,
                               .expected_usd = expected.usd,
                               .busy = facts.busy,
                               .context = facts.context,
                               .cooling = health(model).cooling.has_value(),
                               .in_session = input_.session_model == facts.draw});
}

void Choosing::gather(const ResolvedName& resolved) {
  field_ = {};
  const std::size_t count = resolved.then_auto ? input_.catalogue.models.size() : 0;
  if (count == 0) {
    // A chain stands in its own order; strategies see it in the catalogue's.
    auto listed = resolved.models;
    std::ranges::sort(listed);
    for (const auto model : listed) {
      const auto position = std::ranges::find(resolved.models, model) - resolved.models.begin();
      look_at(model, static_cast<std::int32_t>(position));
    }
    return;
  }
  field_.contenders.reserve(count);
  if (resolved.models.empty()) {
    for (std::size_t model = 0; model < count; ++model) look_at(model, -1);
    return;
  }
  std::vector<std::int32_t> positions(count, -1);
  for (std::size_t i = 0; i < resolved.models.size(); ++i) {
    positions[resolved.models[i]] = static_cast<std::int32_t>(i);
  }
  for (std::size_t model = 0; model < count; ++model) look_at(model, positions[model]);
}

// What a decision keeps must be enough to rank again: of many contenders the best stay, and are ranked by themselves.
std::vector<std::uint32_t> Choosing::ranked() {
  auto order = rank(strategy_, features_, field_.contenders, kShortlist);
  if (field_.contenders.size() <= kShortlist) return order;
  std::ranges::sort(order);
  std::vector<Contender> kept;
  kept.reserve(order.size());
  for (const auto index : order) kept.push_back(field_.contenders[index]);
  field_.contenders = std::move(kept);
  return rank(strategy_, features_, field_.contenders, kShortlist);
}

bool Choosing::waits_for_load(const Contender& contender) const noexcept {
  return input_.facts.models[contender.model].load >
         std::chrono::duration<float>(input_.options.cloud_while_loading).count();
}

// Cloud while local loads. True when the contenders must be ranked again: `first` would make the caller wait for its
// load, and a remote one need not.
bool Choosing::put_off_loading(const Contender& first) {
  if (input_.options.cloud_while_loading.count() <= 0 || !waits_for_load(first)) return false;
  const auto can_answer_now = [&](const Contender& contender) {
    return !input_.facts.models[contender.model].local && !contender.cooling;
  };
  if (std::ranges::none_of(field_.contenders, can_answer_now)) return false;
  loading_ = &input_.catalogue.models[first.model];
  for (Contender& contender : field_.contenders) contender.loading = waits_for_load(contender);
  return true;
}

Candidate Choosing::make_candidate(const Contender& contender) const {
  const Model& model = input_.catalogue.models[contender.model];
  const ModelFacts& facts = input_.facts.models[contender.model];
  const Tokens most = input_.shape.task == TaskKind::kEmbedding ? Tokens(0)
                      : input_.shape.max_tokens                 ? Tokens(*input_.shape.max_tokens)
                                                                : input_.options.assumed_output;
  const auto reserve = reservation(wants_.input, most, model.price);
  const auto own = input_.options.provider_timeouts.find(model.id.provider());
  const bool has_own = own != input_.options.provider_timeouts.end();
  const Expectation expected = expect(facts, health(contender.model), measured(contender.model), wants_);
  const auto micros = [](float seconds) {
    return Micros(static_cast<std::int64_t>(static_cast<double>(seconds) * 1e6));
  };
  return Candidate{.model = model.id,
                   .form = model.dialect == input_.dialect ? Form::kRelay : Form::kEvents,
                   .reserve = reserve.value_or(MicroUsd(0)),
                   .price_known = reserve.has_value(),
                   .expected = micros(expected.first_content),
                   .context = model.context,
                   .load = micros(facts.load),
                   .timeouts = has_own ? std::optional(own->second) : std::nullopt};
}

// Why it comes first, were all models loaded.
std::string Choosing::standing(const Contender& contender) const {
  if (contender.position < 0) return fmt::format("It ranks highest by {}.", features_.strategy);
  return by_class_ ? "It comes first in the chain of the query's class." : "It comes first in the chain.";
}

std::string Choosing::reason(const Contender& contender, bool first) const {
  std::string text;
  const Model& model = input_.catalogue.models[contender.model];
  if (wants_.named) {
    text = "The request names it.";
  } else if (&model == loading_) {
    text = fmt::format("{} Loading it takes about {:.0f} s more; until then others answer.", standing(contender),
                       std::ceil(input_.facts.models[contender.model].load));
  } else if (!first) {
    text = "It is tried if those before it fail.";
  } else if (loading_ != nullptr) {
    text = fmt::format("It can answer sooner, while {} is loaded.", loading_->id.text);
  } else {
    text = standing(contender);
  }
  if (const auto& cooling = health(contender.model).cooling) {
    text += fmt::format(" Its provider's rate limit holds for another {} s.", cooling->count());
  }
  return text;
}

void Choosing::make_plan(Decision& decision, const std::vector<std::uint32_t>& order) {
  const SelectOptions& options = input_.options;
  std::int64_t chosen = 0, fallbacks = 0, ranked = 0;
  int by_score = 0;
  for (const auto index : order) {
    const Contender& contender = field_.contenders[index];
    Considered considered{.model = input_.catalogue.models[contender.model].id, .contender = contender};
    if (contender.position < 0 && by_score++ >= options.max_candidates) {
      considered.verdict = "rank";
      considered.reason = &input_.catalogue.models[contender.model] == loading_ ? reason(contender, false)
                                                                                : "Enough models stand before it.";
      ++ranked;
    } else {
      const bool first = decision.plan.order.empty();
      considered.verdict = first ? "chosen" : "fallback";
      considered.reason = reason(contender, first);
      ++(first ? chosen : fallbacks);
      decision.plan.order.push_back(make_candidate(contender));
    }
    decision.considered.push_back(std::move(considered));
  }
  if (chosen > 0) decision.verdicts.emplace_back("chosen", chosen);
  if (fallbacks > 0) decision.verdicts.emplace_back("fallback", fallbacks);
  if (ranked > 0) decision.verdicts.emplace_back("rank", ranked);
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
  decision.plan.stream = input_.shape.stream;
}

void Choosing::show_refused(Decision& decision) const {
  for (const Refused& refused : field_.refused) {
    const Model& model = input_.catalogue.models[refused.model];
    decision.considered.push_back({.model = model.id,
                                   .verdict = std::string(filter_name(refused.filter)),
                                   .reason = refusal_sentence(refused, model, input_.facts.models[refused.model],
                                                              health(refused.model), wants_)});
  }
  for (std::size_t filter = 1; filter < kFilters; ++filter) {
    if (field_.counts[filter] == 0) continue;
    decision.verdicts.emplace_back(filter_name(static_cast<Filter>(filter)), field_.counts[filter]);
  }
}

Selection Choosing::run(ResolvedName resolved, Features features) {
  Selection selection;
  Decision& decision = selection.decision;
  decision.rule = resolved.rule;
  features_ = std::move(features);
  if (resolved.models.empty() && resolved.then_auto && strategy_.name == "auto" && !input_.chain.empty()) {
    resolved.models.assign(input_.chain.begin(), input_.chain.end());
    by_class_ = true;
  }
  wants_ = make_wants(resolved, features_);
  gather(resolved);
  if (field_.contenders.empty() && refused_by(Filter::kSkill)) {
    wants_.skills = 0;
    decision.fallback_used = true;
    gather(resolved);
  }
  if (field_.contenders.empty() && input_.demand.deadline_yields && refused_by(Filter::kDeadline)) {
    wants_.deadline = -1;
    gather(resolved);
  }
  const std::size_t left_out = field_.contenders.size() - std::min(field_.contenders.size(), kShortlist);
  auto order = ranked();
  if (!order.empty() && put_off_loading(field_.contenders[order.front()])) {
    order = ranked();
    decision.loading = loading_->id;
  }
  make_plan(decision, order);
  if (left_out > 0) {
    const auto rank = std::ranges::find(decision.verdicts, "rank", &std::pair<std::string, std::int64_t>::first);
    if (rank != decision.verdicts.end()) rank->second += static_cast<std::int64_t>(left_out);
  }
  show_refused(decision);
  for (auto& name : resolved.unknown) {
    decision.considered.push_back({ModelId{name}, "unknown", "No provider offers it now."});
  }
  if (decision.plan.order.empty()) {
    selection.refused = refusal({.asked = asked_,
                                 .catalogue = input_.catalogue,
                                 .facts = input_.facts,
                                 .health = input_.health,
                                 .wants = wants_,
                                 .refused = field_.refused,
                                 .counts = field_.counts});
  } else if (!wants_.named) {
    const ModelFacts& first = input_.facts.models[field_.contenders[order.front()].model];
    decision.fallback_used |= first.undeclared || (wants_.skills != 0 && first.skills == 0);
  }
  decision.features = std::move(features_);
  return selection;
}

Features features_of(const SelectInput& input, const Strategy& strategy) {
  return {.strategy = std::string(strategy.name),
          .weights = input.demand.weights,
          .query = input.demand.query,
          .input = input.counted ? input.counted->tokens : estimated_input(input.shape),
          .output = expected_output(input.shape, input.demand.query),
          .seed = strategy.by_session ? input.demand.session : input.seed,
          .turn = input.turn,
          // As precise as it is stored, so that a stored decision ranks again to the same order.
          .exploration_usd = static_cast<float>(input.exploration_usd)};
}

}  // namespace

Selection select(const SelectInput& input) {
  const std::string_view asked = input.asked.empty() ? std::string_view(input.options.default_model) : input.asked;
  Selection selection;
  const auto refuse = [&](Error error) {
    selection.decision.rule = "none";
    selection.refused = std::move(error);
  };
  if (asked.empty()) {
    refuse({.fault = Fault::kInvalid, .what = "The request names no model.", .param = "model"});
    return selection;
  }
  const auto strategy = find_strategy(input.demand.strategy.empty() ? input.options.strategy : input.demand.strategy);
  const auto weights = input.demand.weights ? check_weights(*input.demand.weights) : Result<void>();
  auto resolved = resolve_name(input.catalogue, asked);
  if (!strategy) {
    refuse(strategy.error());
  } else if (!weights) {
    refuse(weights.error());
  } else if (!resolved) {
    refuse(std::move(resolved).error());
  } else {
    selection = Choosing(input, asked, **strategy).run(std::move(*resolved), features_of(input, **strategy));
  }
  selection.decision.asked = asked.substr(0, 256);
  selection.decision.catalogue_version = input.catalogue.version;
  return selection;
}

}  // namespace orchestra
