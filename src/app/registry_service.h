// The registry: records and measured performance, their store, and what the loops get of both.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/letterbox.h"
#include "domain/performance.h"
#include "ports/registry.h"
#include "ports/registry_store.h"
#include "registry/performance.h"
#include "registry/records.h"

namespace orchestra::app {

// Bound to the control loop, but for change(). Lifetimes: the loops that call it end before it, it ends before the
// control loop's io_context, the store and the clock.
class RegistryService final : public Registry {
 public:
  struct Options {
    Performance::Options performance;
    Micros view_every{std::chrono::seconds(1)};   // at most, and only when something changed
    Micros save_every{std::chrono::seconds(10)};  // measured cells; records are saved with their change
  };
  // What it calls, on the control loop.
  struct Hooks {
    std::function<void(RecordsPtr)> records;         // they have changed: make a catalogue of them
    std::function<void(PerformanceViewPtr)> expect;  // another view of the same catalogue
  };

  RegistryService(boost::asio::io_context& control, RegistryStore& store, const Clock& clock, Hooks hooks,
                  RegistryContents contents, Options options);
  RegistryService(boost::asio::io_context& control, RegistryStore& store, const Clock& clock, Hooks hooks,
                  RegistryContents contents)
      : RegistryService(control, store, clock, std::move(hooks), std::move(contents), Options()) {}
  ~RegistryService() override;

  Task<std::shared_ptr<const ModelRecord>> change(RecordChange change) override;

  const RecordsPtr& records() const noexcept { return records_; }
  void note(const std::vector<OutcomeFact>& facts);
  // Another catalogue; the view that belongs to it.
  PerformanceViewPtr set_catalogue(CataloguePtr catalogue);
  // Does what is due by the clock: views and saving.
  void tick();
  // Saves what is not saved yet. Changes that come later are refused.
  Task<void> close();

 private:
  struct Question;
  struct Batch;
  // Applies the changes that wait.
  Batch take_batch();
  Task<void> save(const Batch& batch);
  Task<void> work();
  Task<void> save_performance();
  void answer(const std::shared_ptr<Question>& question, Result<RecordPtr> answer);

  boost::asio::io_context& control_;
  RegistryStore& store_;
  const Clock& clock_;
  Hooks hooks_;
  Options options_;
  RecordsPtr records_;
  Performance performance_;
  CataloguePtr catalogue_;
  std::vector<std::shared_ptr<Question>> queue_;  // shared: with the coroutines that ask
  bool working_ = false, saving_ = false, closed_ = false, viewed_ = true;
  TimePoint view_due_, save_due_;
};

}  // namespace orchestra::app
