// The hard filters: who may answer at all. Pure. In this order; the first that refuses is the verdict.
//
//   inactive    switched off in the registry
//   provider    its provider is not set up here, or the request does not allow it
//   privacy     the request must stay on this machine, and the model is not on it
//   task        it does not do the task
//   capability  it lacks tools, images, audio, JSON schemas or streaming
//   skill       it is not known to be good at what was asked
//   context     the request does not fit into its window
//   memory      no device of this machine could hold it
//   price       its price is unknown, and the configuration or a limit of the cost requires one that is known
//   budget      the answer would be expected to cost more than the request allows
//   fleet       its worker has failed
//   breaker     its breaker is open
//   deadline    it is not expected to have answered in time, load and forced evictions included (Expectation::known)
//
// A model of which nothing is known passes "task", "capability", "skill" and "context". One that the caller names is
// refused neither by hearsay (a remote one's capabilities, a window that the estimate only nearly fills) nor for the
// state of its worker, which asking for it by name is there to change.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/breaker.h"
#include "policy/health_view.h"
#include "policy/wants.h"

namespace orchestra {

enum class Filter : std::uint8_t {
  kPasses,
  kInactive,
  kProvider,
  kPrivacy,
  kTask,
  kCapability,
  kSkill,
  kContext,
  kMemory,
  kPrice,
  kBudget,
  kFleet,
  kBreaker,
  kDeadline,
};
inline constexpr std::size_t kFilters = static_cast<std::size_t>(Filter::kDeadline) + 1;

std::string_view filter_name(Filter filter) noexcept;

// `expected_usd` negative: unknown, and no budget is exceeded. `expected_seconds` of the whole answer, as far as known.
Filter first_refusal(const ModelFacts& facts, const ModelHealth& health, const Wants& wants, float expected_usd,
                     float expected_seconds) noexcept;

// A model that a filter refused.
struct Refused {
  std::uint32_t model = 0;  // index into the catalogue
  Filter filter = Filter::kPasses;
  float expected_seconds = 0;  // of its whole answer, as far as known
};

// Why, as a sentence that ends in a full stop.
std::string refusal_sentence(const Refused& refused, const Model& model, const ModelFacts& facts,
                             const ModelHealth& health, const Wants& wants);

}  // namespace orchestra
