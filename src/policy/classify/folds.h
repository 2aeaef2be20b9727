// Which outcomes are learned from and which are kept apart: by a hash of the request's id, the same at every refit.
#pragma once

#include <algorithm>

#include "base/hash.h"
#include "domain/query_outcome.h"

namespace orchestra {

enum class Fold : std::uint8_t { kTrain, kCalibrate, kTest };

// Two tenths are for testing, and one and a half for calibrating.
inline Fold fold_of(const QueryOutcome& outcome) noexcept {
  const std::uint64_t part = (fnv1a(outcome.id.text()) * 0x9e3779b97f4a7c15ULL >> 32U) % 20;
  return part < 4 ? Fold::kTest : part < 7 ? Fold::kCalibrate : Fold::kTrain;
}

// Fewer rounds over more examples: about 200,000 steps in all, within these bounds.
inline int rounds_for(std::size_t examples) noexcept {
  return static_cast<int>(std::clamp<std::size_t>(200'000 / std::max<std::size_t>(examples, 1), 2, 12));
}

}  // namespace orchestra
