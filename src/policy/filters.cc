#include "policy/filters.h"

#include <fmt/format.h>

#include <array>

namespace orchestra {
namespace {

constexpr std::array<std::string_view, kFilters> kNames{"passes",     "inactive", "provider", "privacy", "task",
                                                        "capability", "skill",    "context",  "memory",  "price",
                                                        "budget",     "fleet",    "breaker",  "deadline"};

bool may_leave_for(const ModelFacts& facts, const Wants& wants) noexcept {
  return facts.offered && (wants.providers.empty() || wants.providers[facts.provider]);
}

bool does_task(const ModelFacts& facts, const Wants& wants) noexcept {
  return facts.capabilities == 0 || (facts.capabilities & task_capability(wants.task)) != 0;
}

bool has_capabilities(const ModelFacts& facts, const Wants& wants) noexcept {
  if (facts.capabilities == 0 || (wants.named && !facts.local)) return true;
  return (wants.needed & ~facts.capabilities) == 0;
}

bool has_skills(const ModelFacts& facts, const Wants& wants) noexcept {
  return wants.named || facts.skills == 0 || (wants.skills & ~facts.skills) == 0;
}

bool has_room(const ModelFacts& facts, const Wants& wants) noexcept {
  return facts.context <= 0 ||
         static_cast<float>(wants.input.count) <= facts.context * (wants.named ? wants.doubt : 1.0F);
}

bool has_price(const ModelFacts& facts, const Wants& wants) noexcept {
  return !wants.price_required ||
         (facts.input_usd >= 0 && (facts.output_usd >= 0 || wants.task == TaskKind::kEmbedding));
}

std::string late_sentence(const Refused& refused, const std::string& id, const ModelFacts& facts, const Wants& wants) {
  const std::string load = facts.load > 0 ? fmt::format(", {:.1f} s of them to load it", facts.load) : "";
  return fmt::format("{} is expected to take {:.1f} s for the whole answer{}; the request allows {:g} s.", id,
                     refused.expected_seconds, load, wants.deadline);
}

}  // namespace

std::string_view filter_name(Filter filter) noexcept {
  return kNames[static_cast<std::size_t>(filter)];
}

Filter first_refusal(const ModelFacts& facts, const ModelHealth& health, const Wants& wants, float expected_usd,
                     float expected_seconds) noexcept {
  if (!facts.active) return Filter::kInactive;
  if (!may_leave_for(facts, wants)) return Filter::kProvider;
  if (wants.local_only && !facts.local) return Filter::kPrivacy;
  if (!does_task(facts, wants)) return Filter::kTask;
  if (!has_capabilities(facts, wants)) return Filter::kCapability;
  if (!has_skills(facts, wants)) return Filter::kSkill;
  if (!has_room(facts, wants)) return Filter::kContext;
  if (facts.too_large && !wants.named) return Filter::kMemory;
  if (!has_price(facts, wants)) return Filter::kPrice;
  if (wants.cost_limit >= 0 && expected_usd > wants.cost_limit) return Filter::kBudget;
  if (facts.down && !wants.named) return Filter::kFleet;
  if (!health.admits) return Filter::kBreaker;
  if (wants.deadline >= 0 && expected_seconds > wants.deadline && !wants.named) return Filter::kDeadline;
  return Filter::kPasses;
}

std::string refusal_sentence(const Refused& refused, const Model& model, const ModelFacts& facts,
                             const ModelHealth& health, const Wants& wants) {
  const std::string& id = model.id.text;
  switch (refused.filter) {
    case Filter::kPasses: return {};
    case Filter::kInactive: return fmt::format("{} is switched off in the registry.", id);
    case Filter::kProvider:
      return facts.offered
                 ? fmt::format("The request does not allow {}.", model.id.provider())
                 : fmt::format("{} is not set up here: its key or its address is missing.", model.id.provider());
    case Filter::kPrivacy: return fmt::format("The request must stay on this machine, and {} does not.", id);
    case Filter::kTask: return fmt::format("{} does not do {}.", id, capability_words(task_capability(wants.task)));
    case Filter::kCapability:
      return fmt::format("{} does not support {}.", id, capability_words(wants.needed & ~facts.capabilities));
    case Filter::kSkill:
      return fmt::format("{} is not known for {}.", id, skill_words(static_cast<Skills>(wants.skills & ~facts.skills)));
    case Filter::kContext:
      return fmt::format("{} has a context window of {} tokens; the request holds {}{}.", id, model.context->count,
                         wants.doubt > 1 ? "about " : "", wants.input.count);
    case Filter::kMemory: return fmt::format("{} is larger than the memory that models may use here.", id);
    case Filter::kPrice: return fmt::format("The price of {} is not known, and one that is known is required.", id);
    case Filter::kBudget: return fmt::format("An answer of {} would cost more than the request allows.", id);
    case Filter::kFleet:
      return fmt::format("{} is down ({}){}{}", id, worker_state_name(facts.worker->state),
                         facts.worker->error.empty() ? "." : ": ", facts.worker->error);
    case Filter::kBreaker:
      return health.opens_in
                 ? fmt::format("{} failed repeatedly; it is tried again in {} s.", id, health.opens_in->count())
                 : fmt::format("{} failed repeatedly and is being probed.", id);
    case Filter::kDeadline: return late_sentence(refused, id, facts, wants);
  }
  return {};
}

}  // namespace orchestra
