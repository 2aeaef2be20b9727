// Which models answer a request, in which order, and why. Pure: the same snapshot gives the same decision.
//
// A name is resolved (policy/names.h), its models are filtered, what is left is ordered into a plan:
//   explicit, bare name: the one model. Aliases: the order of their chain; open breakers are left out and models in a
//   rate-limit cool-down are tried last. `auto`: by score (policy/score.h), unless an alias is called "auto".
// Filters, in order; the first that refuses is the verdict: "task", "capability", "context", "price", "fleet",
// "breaker". A model that is named by the caller and answers through a remote provider is not refused for a capability
// or for a context window that the estimate only nearly fills: its provider knows better than a list.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/call.h"
#include "domain/fleet_view.h"
#include "domain/model.h"
#include "domain/plan.h"
#include "policy/breaker.h"

namespace orchestra {

// How a model has been doing, at the moment of the snapshot. The default is a model nobody has asked yet.
struct ModelHealth {
  BreakerState breaker = BreakerState::kClosed;
  bool admits = true;                   // the breaker would let a request through
  std::optional<Seconds> opens_in;      // until an open breaker lets a probe through
  std::optional<Seconds> cooling;       // left of a rate limit's cool-down
  int success_permille = 1000;          // measured, weighted to the recent past
  std::optional<Micros> first_content;  // measured time to first content
};

struct SelectOptions {
  std::string default_model = "auto";  // for a request that names none; empty: an error
  int max_candidates = 5;              // of an `auto` plan
  bool require_known_price = false;
  Tokens assumed_output{4096};  // reserved when the request sets no limit
  // Copied into every plan.
  Micros hedge_after{};
  int max_attempts = 3;  // raised to the number of candidates, so that every one gets its chance
  int attempts_per_candidate = 2;
  Micros backoff_base{std::chrono::milliseconds(100)};
  Micros backoff_cap{std::chrono::seconds(2)};
  Timeouts timeouts;
  std::map<std::string, Timeouts, std::less<>> provider_timeouts;  // of the providers that have their own
};

struct SelectInput {
  const Catalogue& catalogue;
  std::span<const ModelHealth> health;  // by index into catalogue.models; missing ones are healthy
  const FleetView* fleet = nullptr;     // null: local models count as cold
  std::string_view asked;
  const Shape& shape;
  Dialect dialect = Dialect::kOpenAi;
  const SelectOptions& options;
};

// The decision, and the error that the caller gets when it left no candidate: kNotFound with code "model_not_found" and
// the nearest spellings, kInvalid for an ambiguous name or a request that no candidate can serve, kUnavailable when
// only breakers stand in the way.
struct Selection {
  Decision decision;
  std::optional<Error> refused;
};
Selection select(const SelectInput& input);

// The tokens of the request's text: a quarter of its bytes.
Tokens estimated_input(const Shape& shape) noexcept;

}  // namespace orchestra
