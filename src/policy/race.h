// Every retry, hedge and fallback rule, as one step function. Pure: time comes in, jitter comes from a seed, effects go
// out as steps.
//
// The driver feeds what happened and does what the step says:
//   Start      open that candidate; report Opened or Failed with the attempt's number. Then feed Tick for the next
//   step. WaitUntil  feed the next report, or Tick when the moment comes. Commit     this attempt's stream is the
//   answer; every other attempt is destroyed. The race is over. Error      no answer; every attempt is destroyed. The
//   race is over.
// After the end, step() must not be called again.
//
// Rules for an attempt that failed before its first content:
//   kUpstream, kTimeout, kUnavailable  the same candidate again after full jitter, as long as its attempts, the retry
//                                      budget and the deadline allow and every later candidate keeps one; then the next
//   kRateLimited                       the next candidate at once; the last candidate is asked again if its Retry-After
//                                      is at most `backoff_cap`
//   kInvalid, kUnprocessable, kTooLarge, kUnsupported, kHeadersTooLarge
//                                      the request is at fault: the race ends with that error. But a prompt that is too
//                                      long (code "context_length_exceeded") goes on to candidates whose window is
//                                      larger or unknown, and what only this candidate's dialect cannot say (codes
//                                      "unsupported_content", "unsupported_field", "unsupported_task") to the next, at
//                                      no charge
//   kCancelled                         ends the race
//   all others                         (model unknown there, key refused, no memory, breaker open) the next candidate
// A local model that cannot be loaded (code "model_load_failed") is not asked again: the fleet has a backoff of its
// own. A whole answer has no first content: it may take until the deadline, or half of what is left of it while another
// candidate stands behind. When it timed out, the same candidate would only do the same work again: the next is asked.
// Full jitter: uniform in [0, min(cap, base * 2^k)]; AWS Architecture Blog, "Exponential Backoff And Jitter".
// Hedge: if `hedge_after` passes without first content, the next candidate starts beside it, out of the budget of
// hedges (policy/hedge_moment.h). The first to open wins. When all fail, the error is the most useful one: a rate limit
// with the shortest Retry-After, then upstream faults, then what is local to one candidate; with several attempts it
// names each of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/plan.h"
#include "policy/hedge_moment.h"
#include "policy/retry_budget.h"

namespace orchestra {

struct Tick {};
struct Opened {
  int attempt = 0;
};
struct Failed {
  int attempt = 0;
  Error error;
};
using RaceInput = std::variant<Tick, Opened, Failed>;

struct Start {
  int attempt = 0;  // 0, 1, 2, ...
  std::size_t candidate = 0;
  TimePoint first_content_by;
};
struct WaitUntil {
  TimePoint when;
};
struct Commit {
  int attempt = 0;
};
using RaceStep = std::variant<Start, WaitUntil, Commit, Error>;

// The code of an error that says the model's breaker stands open: it costs no attempt.
inline constexpr std::string_view kCircuitOpen = "circuit_open";
inline constexpr std::string_view kContextExceeded = "context_length_exceeded";
// The code of an error that says that a local model's worker did not come up.
inline constexpr std::string_view kLoadFailed = "model_load_failed";

// What a loop may spend on attempts beyond the first of each request.
struct RaceBudgets {
  RetryBudget retries = RetryBudget();
  RetryBudget hedges = RetryBudget(kHedgeBudget);
  // One request came in.
  void deposit(TimePoint now) noexcept {
    retries.deposit(now);
    hedges.deposit(now);
  }
};

class Race {
 public:
  // `plan` and `budgets` outlive the race. `deadline` is of the whole answer.
  Race(const Plan& plan, RaceBudgets& budgets, TimePoint deadline, std::uint64_t seed) noexcept;
  RaceStep step(TimePoint now, const RaceInput& input);
  // How long a candidate may take to the first content of a stream: its limit, and more where a model has to be loaded.
  static Micros first_content_limit(const Plan& plan, const Candidate& candidate) noexcept;

 private:
  struct Try {
    std::size_t candidate = 0;
    TimePoint started;
    bool running = true;
  };
  struct Failure {
    std::size_t candidate = 0;
    Error error;
  };

  RaceStep failed(TimePoint now, const Failed& failed);
  RaceStep next_step(TimePoint now);
  RaceStep start(TimePoint now, std::size_t candidate);
  TimePoint first_content_by(TimePoint now, std::size_t candidate) const noexcept;
  // Whether the same candidate is asked again; sets `pending_`.
  bool plan_retry(TimePoint now, std::size_t candidate, const Error& error);
  bool usable(std::size_t candidate) const noexcept;
  std::optional<std::size_t> next_untried() const noexcept;
  int running() const noexcept;
  Micros jitter(int retry);
  RaceStep give_up(TimePoint now) const;
  std::vector<std::string> sentences() const;

  const Plan* plan_;
  RaceBudgets* budgets_;
  TimePoint deadline_;
  std::uint64_t seed_;
  std::vector<Try> tries_;
  std::vector<int> per_candidate_;  // attempts so far
  std::vector<Failure> failures_;
  struct Pending {
    TimePoint when;
    std::size_t candidate = 0;
  };
  std::optional<Pending> pending_;         // a retry that waits for its moment
  std::optional<Tokens> needs_more_than_;  // the window that the prompt did not fit
  HedgeMoment hedge_;                      // when the next candidate starts beside the running one
  int charged_ = 0;                        // attempts that count into max_attempts
};

}  // namespace orchestra
