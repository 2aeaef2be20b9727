// What policy/ decides for one request, with its reasons.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "domain/demand.h"
#include "domain/model.h"
#include "domain/stream.h"

namespace orchestra {

struct Timeouts {
  Micros connect{std::chrono::seconds(5)};
  Micros first_content{std::chrono::seconds(60)};  // of a stream; a whole answer has no first content to wait for
  Micros idle{std::chrono::seconds(60)};           // between two chunks of a stream
  Micros total{std::chrono::minutes(10)};
  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

struct Candidate {
  ModelId model;
  Form form = Form::kRelay;
  MicroUsd reserve;  // what it may cost at most, as far as prices are known
  bool price_known = false;
  Micros expected{};                 // expected time to first content, load time included
  std::optional<Tokens> context;     // its window, when known
  Micros load{};                     // the part of `expected` that loading the model takes
  std::optional<Timeouts> timeouts;  // its provider's own, where they differ from the plan's
};

struct Plan {
  std::vector<Candidate> order;
  Micros hedge_after{};                                 // 0: no hedging
  int max_attempts = 3;                                 // over all candidates
  int attempts_per_candidate = 2;                       // retries of one candidate count into max_attempts
  Micros backoff_base{std::chrono::milliseconds(100)};  // full jitter: uniform in [0, min(cap, base * 2^k)]
  Micros backoff_cap{std::chrono::seconds(2)};
  Timeouts timeouts;   // `total` is the longest of its candidates'
  Micros budget{};     // of the query's class, within `timeouts`: for the first token (policy/budget.h); 0: none
  bool stream = true;  // false: the answer comes whole, and its first content is its end
};

inline const Timeouts& timeouts_of(const Plan& plan, const Candidate& candidate) noexcept {
  return candidate.timeouts ? *candidate.timeouts : plan.timeouts;
}

// What is expected of one candidate for one request, each from 0 (worst) to 1; policy/terms.h has the formulas.
struct Terms {
  float quality = 0, success = 1, latency = 0, cost = 0, resources = 0;
  friend bool operator==(const Terms&, const Terms&) = default;
};

// T in the formula of `latency`, 1 / (1 + T / 2 s): seconds to the end of the expected answer.
inline constexpr float kUsualSeconds = 2.0F;
constexpr float expected_seconds(const Terms& terms) noexcept {
  return terms.latency > 0 ? kUsualSeconds * (1.0F / terms.latency - 1.0F) : 0.0F;
}

// One candidate as the strategies see it.
struct Contender {
  std::uint32_t model = 0;     // index into the catalogue
  std::uint32_t draw = 0;      // of the model's id: makes its random numbers its own
  std::int32_t position = -1;  // in the chain that names it; -1: it stands there by score
  Terms terms;
  float samples = 0;        // measured answers behind `terms.quality`, decayed
  float expected_usd = 0;   // negative: its price is unknown
  float busy = 0;           // 0 to 1: share of its places that are taken
  float context = 0;        // window in tokens; 0: unknown
  float score = 0;          // what the strategy makes of it
  bool cooling = false;     // its provider's rate limit holds: tried last
  bool in_session = false;  // the caller's session stands with it
  bool loading = false;     // still to be loaded, and a remote one can answer now: tried after those that are ready
  friend bool operator==(const Contender&, const Contender&) = default;
};

// One considered model and what became of it.
struct Considered {
  ModelId model;
  std::string verdict;                 // "chosen", "fallback", "rank", or the filter that refused it: policy/filters.h
  std::string reason;                  // a sentence
  std::optional<Contender> contender;  // of a model that passed the filters and was ranked
};

// What of a request, and of the moment, went into the ranking.
struct Features {
  std::string strategy;            // the name of the one that ranked
  std::optional<Weights> weights;  // those of the request
  std::optional<Classification> query;
  Tokens input, output;              // estimated, expected
  std::uint64_t seed = 0, turn = 0;  // of the strategies that draw or take turns; by session, seed is the session
  double exploration_usd = 0;        // what trying another model than the best may cost more
  friend bool operator==(const Features&, const Features&) = default;
};

// The decision for a request: everything that went into it and came out. The contenders and features that it holds
// rank to the same order again (policy/replay.h).
struct Decision {
  std::string asked;  // the model name as the caller wrote it
  std::string rule;   // "explicit", "bare name", "alias NAME", "auto"
  std::int64_t catalogue_version = 0;
  Features features;
  std::vector<Considered> considered;  // the plan first; of many, the best and some of the refused
  // How many models each verdict was given to, also those that `considered` has no room for.
  std::vector<std::pair<std::string, std::int64_t>> verdicts;
  // No candidate is known to do what was asked: those were taken of which nothing is known.
  bool fallback_used = false;
  // A local model that would be asked first, and is loaded while others answer. The session stands with it.
  std::optional<ModelId> loading;
  Plan plan;
};

// One try of one candidate, as it went.
struct AttemptRecord {
  std::size_t candidate = 0;  // index into plan.order
  Micros started{};           // since the request came in
  Micros took{};
  std::string outcome;  // "answered", or the fault's code
  std::string what;     // the error's sentence
};

// Decisions repeat: requests of one kind share one.
using DecisionPtr = std::shared_ptr<const Decision>;  // shared: loop cache, request in flight, journal thread

}  // namespace orchestra
