// The line: admit, recall, select, run, remember, settle. One per data loop; loop-bound, every call on its loop.
//
// The rules that callers can rely on:
//   - The journal knows a request before its upstream does, and knows how it ended before the caller's last byte
//   leaves.
//   - Another candidate may be tried until the first content was sent, never after. A failure after it ends in
//     Sink::fail.
//   - A streaming caller who has waited `hold` for first content gets Sink::keep_alive (200 and an SSE comment), and
//     again every `keep_alive`; fallback stays possible.
//   - A caller who leaves is booked as `abandoned` with what the upstream's tally shows; its upstream stream is
//     destroyed before serve returns.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "domain/fleet_view.h"
#include "domain/model.h"
#include "gateway/contest.h"
#include "gateway/decisions.h"
#include "gateway/health.h"
#include "gateway/holds.h"
#include "gateway/prompt_tokens.h"
#include "gateway/query_learning.h"
#include "gateway/series.h"
#include "gateway/walk.h"
#include "policy/retry_budget.h"
#include "policy/select.h"
#include "ports/journal.h"
#include "ports/line.h"
#include "ports/outcomes.h"
#include "ports/provider.h"

namespace orchestra {

// Refuses requests before anything is spent on them: rate limits, quotas, budgets. Loop-bound.
class Admission {
 public:
  virtual ~Admission() = default;
  virtual Result<void> admit(const Call& call) noexcept = 0;
};

struct GatewayOptions {
  SelectOptions select;
  RetryBudgetOptions retries;
  RetryBudgetOptions hedges = kHedgeBudget;
  Micros hold{std::chrono::seconds(15)};        // a streaming caller's status waits so long for first content
  Micros keep_alive{std::chrono::seconds(10)};  // between two comments after that
};

// Starts to load a local model and returns at once.
using BeginLoad = std::function<void(const ModelId&)>;

// What a gateway works with. The references outlive it; `health`, `sessions` and `metrics` are shared by all loops, the
// others belong to its loop.
struct GatewayParts {
  Executor loop;
  std::shared_ptr<Providers> providers;  // shared: the gateway and the calls that began with them
  Journal& journal;
  HealthTable& health;
  Sessions& sessions;
  Metrics& metrics;
  const Clock& clock;
  std::vector<Admission*> admissions;  // asked in this order
  Outcomes* outcomes = nullptr;        // told how models did; null: nobody learns
  Decisions::Classify classify;        // of requests that leave the choice open; empty: they count as unclassified
  CountTokens count_tokens;            // of prompts that may not fit; empty: their size must do
  // Shared: by all loops. Of sessions that nobody names, and of queries that are kept; null: there are none of either.
  std::shared_ptr<const FeatureKey> key = nullptr;
  bool keeps_queries = true;  // how requests turned out that leave the choice open
  BeginLoad begin_load = {};  // of models that others answer for meanwhile (Decision::loading); empty: none is
};

// What `decide` says: the decision, and the error that serving would end in at once.
struct Decided {
  DecisionPtr decision;
  std::optional<Error> refused;
};

class Gateway final : public Line {
 public:
  Gateway(GatewayParts parts, GatewayOptions options);

  // Snapshots, set on the loop (post there). Requests under way keep what they began with.
  void set_catalogue(CataloguePtr catalogue);
  void set_fleet(FleetViewPtr fleet);
  // Belongs to a catalogue; that of another one is not looked at.
  void set_performance(PerformanceViewPtr performance);
  void set_options(GatewayOptions options);
  void set_providers(std::shared_ptr<Providers> providers);

  Task<void> serve(const Call& call, Sink& sink) override;
  // The select step alone: what would serve this call now, and why. Its prompt is estimated by its size.
  Decided decide(const Call& call);
  // What kind of query the call is; nothing without a classifier.
  std::optional<Classification> classify(const Call& call) const { return decisions_.classification(call); }

 private:
  Result<void> admit(const Call& call) noexcept;
  Task<CountedPrompt> count(const Call& call, FitDoubt doubt);
  Result<void> open_settlement(Walk& walk);
  // The run step: executes the plan until an attempt has content in hand.
  Task<void> run(Walk& walk, std::optional<Contest>& contest);
  Task<void> run_in_turn(Walk& walk, Race& race);
  Task<void> run_hedged(Walk& walk, Race& race, Contest& contest);
  // Sends the answer; the settle step stands before its last write.
  Task<void> deliver(Walk& walk);
  // Ends a walk that has no answer, or has lost it.
  Task<void> refuse(Walk& walk, const Error& error, int status);
  void abandon(Walk& walk);
  void settle(Walk& walk, Outcome outcome, int status);

  GatewayParts parts_;
  GatewayOptions options_;
  Series series_;
  Decisions decisions_;
  QueryLearning learning_;
  RaceBudgets budgets_;
  Holds holds_;
};

}  // namespace orchestra
