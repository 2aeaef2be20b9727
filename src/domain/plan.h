// What policy/ decides for one request, with its reasons.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
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
  bool stream = true;  // false: the answer comes whole, and its first content is its end
};

inline const Timeouts& timeouts_of(const Plan& plan, const Candidate& candidate) noexcept {
  return candidate.timeouts ? *candidate.timeouts : plan.timeouts;
}

// One considered model and what became of it.
struct Considered {
  ModelId model;
  std::string verdict;  // "chosen", or the filter that refused it: "capability", "context", "health", "breaker", ...
  std::string reason;   // a sentence
  double score = 0;
};

// The decision for a request: everything that went into it and came out. Replays to the same plan.
struct Decision {
  std::string asked;  // the model name as the caller wrote it
  std::string rule;   // "explicit", "bare name", "alias NAME", "auto"
  std::int64_t catalogue_version = 0;
  std::vector<Considered> considered;
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
