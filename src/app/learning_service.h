// What is learned of queries: outcomes on their way to the store, and the models that are refitted on them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/refit_report.h"
#include "policy/classify/refit.h"
#include "ports/registry_store.h"

namespace orchestra::app {

// Bound to the control loop, which outlives it, as the store and the clock do. Refits run on a thread of its own, which
// yields to all others.
class LearningService {
 public:
  struct Options {
    std::size_t most = 100'000;  // outcomes kept; 0: none
    Micros refit_every{std::chrono::minutes(10)};
    Micros save_every{std::chrono::seconds(10)};
    bool forget = false;  // what is stored was kept under another key
  };
  // Called on the control loop with every refit's result.
  using Publish = std::function<void(QueryModelsPtr, RefitReportPtr)>;

  LearningService(boost::asio::io_context& control, RegistryStore& store, const Clock& clock, const FeatureKey& key,
                  const Classifier& shipped, Publish publish, Options options);
  ~LearningService();

  // In use now; the shipped classifier alone at first.
  const QueryModelsPtr& models() const noexcept { return models_; }
  void note(std::vector<QueryOutcome> kept, std::vector<OutcomeSignal> signals);
  // Does what is due by the clock: saving and refitting. The first refit is due at once.
  void tick();
  // Finishes a refit that is under way, and saves what is not saved yet.
  Task<void> close();

 private:
  void take(QueryOutcome outcome);
  void take(const OutcomeSignal& signal);
  bool has_news() const noexcept { return forget_ || !kept_.empty() || !signals_.empty(); }
  Task<void> save();
  Task<void> refit_now();
  Task<void> fit();

  boost::asio::io_context& control_;
  RegistryStore& store_;
  const Clock& clock_;
  const FeatureKey& key_;
  const Classifier& shipped_;
  Publish publish_;
  const Options options_;
  QueryModelsPtr models_;
  std::vector<QueryOutcome> kept_;
  std::unordered_map<std::string, std::size_t> by_id_;  // into `kept_`
  std::vector<OutcomeSignal> signals_;                  // of outcomes that were saved before
  // Signals of outcomes that were not known: a loop's news may overtake another's. By request; the older generation is
  // dropped with every `save_every`.
  std::unordered_map<std::string, std::vector<OutcomeSignal>> early_, earlier_;
  bool forget_ = false, saving_ = false, refitting_ = false;
  bool changed_ = true;  // since the last refit
  TimePoint save_due_, refit_due_, rotation_due_;
  boost::asio::thread_pool thread_;
};

}  // namespace orchestra::app
