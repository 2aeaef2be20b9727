// The error of a request that every model was refused for. Pure.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/result.h"
#include "domain/model.h"
#include "policy/filters.h"

namespace orchestra {

struct RefusalInput {
  std::string_view asked;
  const Catalogue& catalogue;
  const FactSheet& facts;
  std::span<const ModelHealth> health;
  const Wants& wants;
  std::span<const Refused> refused;                  // some of them
  const std::array<std::int64_t, kFilters>& counts;  // of all of them, by filter
};

// Says what would help soonest, in the caller's hands: when breakers or workers stand in the way, when that ends
// (kUnavailable, Retry-After); else the filters that emptied the set, with their counts (kInvalid). Codes:
// "circuit_open", "context_length_exceeded", "unsupported_by_model", "privacy", "budget_exceeded", "deadline_exceeded";
// kNotFound with "model_not_found" when there was no model at all.
Error refusal(const RefusalInput& input);

}  // namespace orchestra
