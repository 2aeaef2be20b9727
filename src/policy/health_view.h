// How a model has been doing, at the moment of a snapshot.
#pragma once

#include <optional>
#include <span>

#include "base/units.h"
#include "policy/breaker.h"

namespace orchestra {

// The default is a model nobody has asked yet.
struct ModelHealth {
  BreakerState breaker = BreakerState::kClosed;
  bool admits = true;                   // the breaker would let a request through
  std::optional<Seconds> opens_in;      // until an open breaker lets a probe through
  std::optional<Seconds> cooling;       // left of a rate limit's cool-down
  int success_permille = 1000;          // measured, weighted to the recent past
  std::optional<Micros> first_content;  // measured time to first content
};

// By index into a snapshot that may be shorter than the catalogue: nobody has asked the others yet.
inline const ModelHealth& health_at(std::span<const ModelHealth> health, std::size_t model) noexcept {
  static constexpr ModelHealth kUnasked;
  return model < health.size() ? health[model] : kUnasked;
}

}  // namespace orchestra
