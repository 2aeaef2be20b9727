// Past requests, decided again under another policy, and summed: what would have changed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/json.h"
#include "domain/simulated_policy.h"
#include "domain/usage_report.h"
#include "policy/simulate.h"
#include "ports/store.h"

namespace orchestra {

// Fed one request after the other, in the order of the store. The same requests give the same text. Its memory is
// bounded: sums, at most kMostChanges pairs of models, and some thousand outcomes of decisions that requests share.
// One thread at a time.
class Simulation {
 public:
  // Further pairs of models are counted together.
  static constexpr std::size_t kMostChanges = 4096;

  // check_policy accepts `policy`.
  explicit Simulation(SimulatedPolicy policy) : policy_(std::move(policy)) {}
  void add(const StoredRequest& stored);
  std::int64_t requests() const noexcept { return requests_; }

  // {"requests":..,"replayed":..,"first_at":..,"last_at":..,"limited":false,
  //  "skipped":{"undecided":..,"unranked":..},"named":..,"refused":..,"changed":..,
  //  "changes":[{"from":..,"to":..,"decisions":..}],  the most frequent first; "to" null: nobody is left
  //  "other_changes":..,
  //  "predicted":{"stored":{FIGURES},"simulated":{FIGURES}},  of the requests that both policies have a model for
  //  "measured":{"answers":..,"cost_usd":..,"predicted_cost_usd":..,..},  how good the predictions of the stored are
  //  "unknown":{"shortlist":..,"session":..,"chain":..},"notes":["..."]}
  // FIGURES: cost_usd, cost_known, latency_s, latency_p95_s, quality, success. `limited`: there were more requests than
  // were read.
  std::string json(bool limited) const;

 private:
  // What is predicted of the chosen model; a negative price is unknown.
  struct Prediction {
    double usd = -1, seconds = 0, quality = 0, success = 0;
  };
  struct Sums {
    std::int64_t count = 0, priced = 0;
    double usd = 0, seconds = 0, quality = 0, success = 0;
    LatencyCounts latency;
    // Costs count where both policies know theirs.
    void add(const Prediction& prediction, bool cost);
  };
  // What becomes of a decision; requests of one kind share one.
  struct Verdict {
    bool ranked = false, named = false;
    Unknowns unknown;
    std::string from, to;  // `to` empty: nobody is left
    Prediction stored, simulated;
  };
  // How the predictions of the stored decisions compare with what was booked.
  struct Comparison {
    std::int64_t count = 0;
    double predicted = 0, booked = 0;
    void add(double expected, double real) noexcept {
      ++count;
      predicted += expected;
      booked += real;
    }
  };
  using Body = std::pair<std::size_t, std::size_t>;  // hash and length of a decision's text
  struct BodyHash {
    std::size_t operator()(const Body& body) const noexcept { return body.first ^ body.second; }
  };

  const Verdict& verdict_of(const std::string& body);
  Verdict judge(const std::string& body) const;
  void count_change(const Verdict& verdict);
  void compare(const SpendSettled& settled, const Verdict& verdict);
  void write_predicted(JsonWriter& writer) const;
  void write_measured(JsonWriter& writer) const;
  void write_changes(JsonWriter& writer) const;
  void write_notes(JsonWriter& writer) const;

  SimulatedPolicy policy_;
  std::unordered_map<Body, Verdict, BodyHash> verdicts_;
  std::map<std::pair<std::string, std::string>, std::int64_t> changes_;
  std::optional<WallTime> first_, last_;
  std::int64_t requests_ = 0, replayed_ = 0, undecided_ = 0, unranked_ = 0, named_ = 0, refused_ = 0, changed_ = 0;
  std::int64_t other_changes_ = 0, beyond_shortlist_ = 0, without_session_ = 0, without_chain_ = 0;
  Sums stored_, simulated_;
  Comparison cost_, latency_, success_;
};

}  // namespace orchestra
