// The gateway's metrics. Looking a series up takes a lock, so each loop keeps the references of every model it met.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/metrics.h"
#include "domain/query_class.h"
#include "domain/spend.h"

namespace orchestra {

class ModelSeries {
 public:
  ModelSeries(Metrics& metrics, std::string model);
  // One request that this model answered, or was asked last for.
  void request(const SpendSettled& settled) noexcept;
  // One attempt: its error, or null when it was answered.
  void attempt(const Error* error);
  // It was chosen for a query that left the choice open; which of them it answered.
  void selected(const Classification& query);
  void classified(QueryType type);
  // It answered although `first` stood before it.
  void fallback(const ModelId& first);
  void breaker(int state) noexcept {
    if (breaker_.value() != state) breaker_.set(state);
  }

 private:
  static constexpr std::size_t kMostFirsts = 16;
  static constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kNoMemory) + 1;
  Metrics& metrics_;
  const std::string model_;
  std::array<Counter*, 4> requests_{};  // by Outcome
  Histogram& seconds_;
  Histogram& first_content_;
  Counter &input_tokens_, &output_tokens_, &cost_;
  Counter& answered_;
  // Made at the first count of their kind.
  std::array<std::array<Counter*, 4>, 4> selected_{};    // by QueryType and Complexity
  std::array<Counter*, 4> classified_{};                 // by QueryType
  std::unordered_map<std::string, Counter*> fallbacks_;  // by who stood first; of later ones together as "other"
  std::array<Counter*, kFaults> failed_{};               // by Fault; made at the first failure of that kind
  Gauge& breaker_;
};

// One loop's series by model. Loop-bound; references stay good.
class Series {
 public:
  explicit Series(Metrics& metrics);
  ModelSeries& of(std::string_view model);
  Gauge& in_flight() noexcept { return in_flight_; }
  // How long a choice took that the query left open.
  void selection(QueryType type, Micros took) noexcept { selection_[static_cast<std::size_t>(type)]->observe(took); }

 private:
  Metrics& metrics_;
  Gauge& in_flight_;
  std::array<Histogram*, 4> selection_;  // by QueryType
  std::unordered_map<std::string, ModelSeries> by_model_;
};

}  // namespace orchestra
