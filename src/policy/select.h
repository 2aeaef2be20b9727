// Which models answer a request, in which order, and why. Pure: the same snapshot gives the same decision.
//
// A name is resolved (policy/names.h), its models pass the filters (policy/filters.h), what is left is ranked by a
// strategy (policy/strategies/) over normalised terms (policy/terms.h) and becomes a plan:
//   explicit, bare name   the one model
//   alias                 the order of its chain; `auto` in it stands for all other models, by score
//   auto                  the chain of the query's class (config/routes.yaml) where the strategy is "auto" too and
//                         a member passes the filters, then all others by score
// Models in a rate-limit cool-down are tried last. Where a local model would be first that is still to be loaded, those
// that can answer now come before it if one of them is remote (SelectOptions::cloud_while_loading); the decision names
// it as `loading`. Where a wanted skill empties the set, the skill is dropped and the decision says `fallback_used`, as
// it does when nothing is known of the chosen model.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/call.h"
#include "domain/fleet_view.h"
#include "domain/model.h"
#include "domain/plan.h"
#include "policy/facts.h"
#include "policy/health_view.h"
#include "policy/terms.h"

namespace orchestra {

struct SelectOptions {
  std::string default_model = "auto";  // for a request that names none; empty: an error
  std::string strategy = "auto";       // of requests that name none
  // By QueryType: names that `auto` tries first, in this order; one that ends in '*' stands for all that begin so.
  std::array<std::vector<std::string>, 4> chains;
  int max_candidates = 5;  // of those that a plan takes by score
  bool require_known_price = false;
  Tokens assumed_output{4096};  // reserved when the request sets no limit
  // A local model that needs longer to load comes after those that can answer now, where one of these is remote, and is
  // loaded meanwhile; 0: never.
  Micros cloud_while_loading{};
  // Copied into every plan.
  Micros hedge_after{};
  int max_attempts = 3;  // raised to the number of candidates, so that every one gets its chance
  int attempts_per_candidate = 2;
  Micros backoff_base{std::chrono::milliseconds(100)};
  Micros backoff_cap{std::chrono::seconds(2)};
  Timeouts timeouts;
  std::map<std::string, Timeouts, std::less<>> provider_timeouts;  // of the providers that have their own
};

// The tokens of a request's prompt, where they were counted. `exact`: as the asked model counts; else by another
// encoding, which is near.
struct CountedPrompt {
  Tokens tokens;
  bool exact = false;
};

struct SelectInput {
  const Catalogue& catalogue;
  const FactSheet& facts;               // of this catalogue and the fleet's view
  std::span<const ModelHealth> health;  // by index into catalogue.models; missing ones are healthy
  std::span<const Measured> measured;   // the same, for requests of this kind; missing ones were never measured
  std::string_view asked;
  const Shape& shape;
  const Demand& demand;
  Dialect dialect = Dialect::kOpenAi;
  const SelectOptions& options;
  std::span<const std::size_t> chain;  // of the query's class, resolved; empty: none
  std::uint64_t seed = 0, turn = 0;
  double exploration_usd = 0;
  std::optional<std::uint32_t> session_model;           // where the session stands, by draw_key; empty: nowhere yet
  std::optional<CountedPrompt> counted = std::nullopt;  // empty: the prompt is estimated by its size
};

// The decision, and the error that the caller gets when it left no candidate: kNotFound with code "model_not_found" and
// the nearest spellings; kInvalid for an ambiguous name, an unknown strategy, bad weights, or a request that no
// candidate can serve, which names the filters that emptied the set; kUnavailable when only breakers or workers stand
// in the way.
struct Selection {
  Decision decision;
  std::optional<Error> refused;
};
Selection select(const SelectInput& input);

// So many contenders and refused models a decision shows; the rest is in its counts.
inline constexpr std::size_t kShortlist = 64;

}  // namespace orchestra
