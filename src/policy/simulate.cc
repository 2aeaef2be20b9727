#include "policy/simulate.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/names.h"
#include "policy/ranking.h"
#include "policy/strategies/list.h"

namespace orchestra {
namespace {

constexpr std::string_view kMultiObjective = "multi_objective";
constexpr std::string_view kLocal = "local";  // the provider of the models of this machine

bool matches(std::string_view name, const ModelId& id) noexcept {
  if (!name.ends_with('*')) return id.text == name || id.name() == name;
  const auto prefix = name.substr(0, name.size() - 1);
  return id.text.starts_with(prefix) || id.name().starts_with(prefix);
}

// The place of `id` in a chain; -1: it is not in it.
std::int32_t position_in(const std::vector<std::string>& chain, const ModelId& id) noexcept {
  const auto found = std::ranges::find_if(chain, [&](const std::string& name) { return matches(name, id); });
  return found == chain.end() ? -1 : static_cast<std::int32_t>(found - chain.begin());
}

bool passes(const Considered& considered, const SimulatedPolicy& policy) noexcept {
  const auto provider = considered.model.provider();
  const auto among = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, provider) != names.end();
  };
  if (!policy.allow.empty() && !among(policy.allow)) return false;
  if (among(policy.deny) || (policy.local_only && provider != kLocal)) return false;
  return !policy.cost_limit ||
         static_cast<double>(considered.contender->expected_usd) * 1e6 <= static_cast<double>(policy.cost_limit->count);
}

const RankingRule& rule_for(const SimulatedPolicy& policy, const Features& features) noexcept {
  if (!features.query) return policy.usual;
  const RankingRule& typed = policy.classes[static_cast<std::size_t>(features.query->type)];
  return typed.empty() ? policy.usual : typed;
}

// One decision under one policy.
class Deciding {
 public:
  Deciding(const Decision& decision, const SimulatedPolicy& policy) : decision_(decision), policy_(policy) {}

  Result<Redecision> run() {
    TRY_VOID(gather());
    features_ = decision_.features;
    if (!redecision_.named) TRY_VOID(apply(rule_for(policy_, features_)));
    TRY(const Strategy* by, find_strategy(features_.strategy));
    if (rows_.empty()) return redecision_;
    const auto order = rank(*by, features_, contenders_, 1);
    redecision_.simulated = rows_[order.front()];
    return redecision_;
  }

 private:
  // The rows that the policy's own filters leave, in the order of the catalogue.
  Result<void> gather() {
    std::size_t kept = 0;
    for (const Considered& considered : decision_.considered) {
      if (considered.verdict == "chosen") redecision_.stored = &considered;
      if (!considered.contender) continue;
      ++kept;
      if (passes(considered, policy_)) rows_.push_back(&considered);
    }
    if (redecision_.stored == nullptr || !redecision_.stored->contender) {
      return fail(Fault::kInvalid, "The decision kept no models that could be ranked again.");
    }
    std::ranges::sort(rows_, {}, [](const Considered* row) { return row->contender->model; });
    for (const Considered* row : rows_) contenders_.push_back(*row->contender);
    redecision_.named = decision_.rule == "explicit" || decision_.rule == "bare name";
    redecision_.unknown.shortlist = ranked() > kept;
    return {};
  }

  // How many models were ranked when it was decided.
  std::size_t ranked() const noexcept {
    std::int64_t count = 0;
    for (const auto& [verdict, times] : decision_.verdicts) {
      if (verdict == "chosen" || verdict == "fallback" || verdict == "rank") count += times;
    }
    return static_cast<std::size_t>(count);
  }

  Result<void> apply(const RankingRule& rule) {
    const std::string was = features_.strategy;
    if (!rule.strategy.empty()) features_.strategy = rule.strategy;
    if (rule.weights) {
      features_.strategy = kMultiObjective;
      features_.weights = rule.weights;
    }
    if (!rule.chain.empty()) features_.strategy = kAuto;
    TRY(const Strategy* by, find_strategy(features_.strategy));
    redecision_.unknown.session = by->by_session && by->name != was;
    if (decision_.rule != kAuto) return {};
    if (!rule.chain.empty()) {
      for (std::size_t i = 0; i < rows_.size(); ++i) contenders_[i].position = position_in(rule.chain, rows_[i]->model);
    } else if (by->name != kAuto) {
      for (Contender& contender : contenders_) contender.position = -1;
    } else {
      redecision_.unknown.chain = was != kAuto;
    }
    return {};
  }

  const Decision& decision_;
  const SimulatedPolicy& policy_;
  Features features_;
  std::vector<const Considered*> rows_;
  std::vector<Contender> contenders_;  // of `rows_`
  Redecision redecision_;
};

Result<void> check_rule(const RankingRule& rule) {
  const auto refuse = [](std::string what) {
    return fail(Error{.fault = Fault::kInvalid, .what = std::move(what), .code = "invalid_policy", .param = "policy"});
  };
  std::string_view strategy = rule.strategy;
  if (!rule.strategy.empty()) {
    TRY(const Strategy* by, find_strategy(rule.strategy));
    strategy = by->name;
  }
  if (rule.weights) {
    TRY_VOID(check_weights(*rule.weights));
    if (!strategy.empty() && strategy != kMultiObjective) {
      return refuse(
          fmt::format("Weights belong to the strategy \"multi_objective\", and this one is \"{}\".", strategy));
    }
    if (!rule.chain.empty()) return refuse("A chain belongs to the strategy \"auto\", and weights do not.");
  }
  if (!rule.chain.empty() && !strategy.empty() && strategy != kAuto) {
    return refuse(fmt::format("A chain belongs to the strategy \"auto\", and this one is \"{}\".", strategy));
  }
  return {};
}

}  // namespace

Result<Redecision> simulate(const Decision& decision, const SimulatedPolicy& policy) {
  return Deciding(decision, policy).run();
}

Result<void> check_policy(const SimulatedPolicy& policy) {
  TRY_VOID(check_rule(policy.usual));
  for (const RankingRule& rule : policy.classes) TRY_VOID(check_rule(rule));
  return {};
}

}  // namespace orchestra
