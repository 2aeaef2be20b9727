// One request to the providers of a hybrid policy: policy/hybrid/ says who is asked when, this asks them.
//
// Each call walks the line by itself: it is admitted, journalled and billed. Calls that lose are cancelled, and what
// they used by then is booked, before the answer is given.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/asker.h"
#include "policy/hybrid/hybrid_race.h"

namespace orchestra {

// A provider of the policy, as this request would ask it.
struct HybridParty {
  std::string name;
  Asker* asker = nullptr;  // outlives the run; not looked at where it is unavailable
  Question question;       // its limit is set by the run
  HybridMember member;
  std::optional<Error> unavailable;  // why it cannot be asked
};

// One call that was made.
struct HybridCall {
  std::size_t party = 0;
  AskCause cause = AskCause::kFirst;
  Micros began{};  // since the request
  Reply reply;     // of one that lost: an error with code "not_needed"
};

struct HybridAnswer {
  std::size_t chosen = 0;         // index into `calls`
  std::vector<HybridCall> calls;  // in the order in which they were begun
};

// `service` and `extra` outlive the run. The error is that of a caller who left, or it names every provider and why it
// gave no answer. Its fault is that of the most telling call; where none was made, kUnavailable, or what all providers
// have in common.
Task<HybridAnswer> run_hybrid(const Clock& clock, const HybridService& service, RetryBudget& extra,
                              std::vector<HybridParty> parties, std::optional<Micros> limit);

}  // namespace orchestra
