// When the providers of a hybrid policy are asked, and whose answer is taken, as one step function. Pure: time comes
// in, steps go out.
//
// The driver feeds what happened and does what the step says:
//   AskMember   ask that provider, for at most `limit`; report MemberAnswered or MemberFailed. Then feed HybridTick for
//               the next step.
//   AwaitUntil  feed the next report, or HybridTick when the moment comes.
//   TakeAnswer  the answer of this provider is the answer; every other call is cancelled. The race is over.
//   NoAnswer    nobody answered; every call is cancelled. The race is over.
// After the end, step() must not be called again.
//
// Rules, with the words of config/hybrid_policy.yaml:
//   - The providers are tried in their order. One that is not ready, because its model is still to be loaded, comes
//     after all that are.
//   - An answer at or above the confidence threshold is taken at once, and so is one whose confidence is not known.
//   - on_latency: no answer `latency_threshold` after the last start: the next provider starts beside it, one of the
//     other group (local, cloud) first, if fewer than `max_parallel` calls run and the budget of extra calls allows it,
//     at once or later (policy/hedge_moment.h).
//   - on_low_confidence: an answer below the threshold is kept. What still runs may be better; when nothing runs, a
//     second opinion is asked for, once, of the other group first. It is outside that budget.
//   - on_error: an error never wins. When no other call runs, the next provider in the order is asked, until all of
//   both
//     groups were; outside that budget too.
//   - When nothing better comes, the kept answer is taken: the most confident, or the first of several (`prefer`).
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "domain/hybrid_policy.h"
#include "policy/hedge_moment.h"
#include "policy/retry_budget.h"

namespace orchestra {

// A provider that can be asked.
struct HybridMember {
  bool local = true;
  bool ready = true;
  Micros timeout{};  // of one call
};

struct HybridTick {};
struct MemberAnswered {
  std::size_t member = 0;
  std::optional<double> confidence;
};
struct MemberFailed {
  std::size_t member = 0;
};
using HybridInput = std::variant<HybridTick, MemberAnswered, MemberFailed>;

enum class AskCause : std::uint8_t { kFirst, kLatency, kLowConfidence, kError };

// "first", "latency", "low_confidence", "error": as answers tell it.
std::string_view cause_name(AskCause cause) noexcept;

struct AskMember {
  std::size_t member = 0;
  AskCause cause = AskCause::kFirst;
  Micros limit{};
};
struct AwaitUntil {
  TimePoint when;
};
struct TakeAnswer {
  std::size_t member = 0;
};
struct NoAnswer {};
using HybridStep = std::variant<AskMember, AwaitUntil, TakeAnswer, NoAnswer>;

class HybridRace {
 public:
  // `service` and `extra`, the budget of hedges on latency, outlive the race. Steps name members by index. `deadline`
  // is of the whole answer.
  HybridRace(const HybridService& service, std::vector<HybridMember> members, RetryBudget& extra, TimePoint deadline);
  HybridStep step(TimePoint now, const HybridInput& input);

 private:
  enum class State : std::uint8_t { kUntried, kRunning, kAnswered, kFailed };
  struct Kept {
    std::size_t member = 0;
    double confidence = 0;
  };

  bool confident(const MemberAnswered& answer) const noexcept;
  HybridStep next_step(TimePoint now);
  HybridStep idle_step(TimePoint now);
  HybridStep ask(TimePoint now, std::size_t member, AskCause cause);
  HybridStep finish() const;
  std::optional<std::size_t> next_untried() const noexcept;
  // The next one of the other group than `member`'s; else the next one.
  std::optional<std::size_t> next_beside(std::size_t member) const noexcept;
  int running() const noexcept;

  const HybridService* service_;
  const std::vector<HybridMember> members_;
  RetryBudget* extra_;
  const TimePoint deadline_;
  std::vector<std::size_t> order_;  // of members
  std::vector<State> states_;       // by member
  std::optional<Kept> kept_;        // an answer below the threshold
  HedgeMoment hedge_;
  std::size_t last_asked_ = 0;
  bool last_failed_ = false;  // the call that ended last
  bool second_opinion_ = false;
};

}  // namespace orchestra
