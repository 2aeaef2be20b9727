// The whole server: builds every room, runs the loops, reloads and stops.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "app/catalogue_feed.h"
#include "app/chain_watch.h"
#include "app/data_folder.h"
#include "app/data_loop.h"
#include "app/learning_key.h"
#include "app/learning_service.h"
#include "app/registry_service.h"
#include "app/resource_monitor.h"
#include "app/wiring.h"
#include "base/metrics.h"
#include "fleet/fleet.h"
#include "gateway/health.h"
#include "host/apertium.h"
#include "host/cpu_probe.h"
#include "host/gpu_probe.h"
#include "host/memory_probe.h"
#include "host/spawner.h"
#include "net/client.h"
#include "registry/discontent.h"
#include "runners/llama.h"
#include "runners/scan.h"
#include "settings/diff.h"
#include "settings/load.h"
#include "store/spend_ledger.h"
#include "store/sqlite_registry.h"

namespace orchestra::app {

// Names the variables that are set without effect, save for those in `known`.
void log_unused(const settings::Settings& settings, const std::vector<settings::UnusedVariable>& known);

// Constructed, run and destroyed on one thread, which becomes the control loop: workers die with it.
class Orchestra {
 public:
  // Takes the data folder and opens the ledger. `load` is kept for reloads.
  static Result<std::unique_ptr<Orchestra>> open(settings::Settings settings, settings::LoadOptions load);
  ~Orchestra();
  Orchestra(const Orchestra&) = delete;
  Orchestra& operator=(const Orchestra&) = delete;

  // Binds every listener. The sentence of kConflict names who holds the port.
  Result<void> listen();
  // Serves until SIGTERM or SIGINT has been answered by a drain, or came twice. SIGHUP reloads.
  Result<void> run();

 private:
  // What is on the disk, opened.
  struct Stores {
    std::unique_ptr<SpendLedger> ledger;
    std::unique_ptr<SqliteRegistry> registry;
    RegistryContents contents;
    LearningKey key;
  };
  Orchestra(settings::Settings settings, settings::LoadOptions load, DataFolder folder, Stores stores);

  void announce();
  HealthFacts health() const;
  CatalogueFeed::Sources sources() const;
  LoopConfig loop_config() const;
  void scan();
  void publish_catalogue(CataloguePtr catalogue);
  void await_signal();
  void reload();
  void begin_stop();
  void stop_loops();
  void finish_stop();
  void look_at_machine();
  Task<void> tick();
  Task<void> close_services();

  SystemClock clock_;
  settings::Settings settings_;
  settings::LoadOptions load_;
  DataFolder folder_;
  TimePoint started_;
  Metrics metrics_;
  std::unique_ptr<SpendLedger> ledger_;
  HealthTable health_;
  Sessions sessions_;
  net::BodyBudget body_budget_;
  boost::asio::io_context control_{1};
  net::Client control_client_;
  host::ProcMemoryProbe memory_;
  host::ProcCpuProbe cpu_;
  ResourceMonitor resources_{memory_, cpu_, clock_};
  host::NvmlProbe gpus_;
  LlamaRunner runner_;
  PosixSpawner spawner_;
  Fleet fleet_;
  ApertiumTranslator translator_;
  std::unique_ptr<SqliteRegistry> registry_store_;
  RegistryService registry_;
  std::shared_ptr<const FeatureKey> feature_key_;  // shared: with the loops
  LearningService learning_;
  Discontent discontent_;
  CatalogueFeed feed_;
  CataloguePtr catalogue_;
  ChainWatch chains_;
  std::vector<LocalModel> local_models_;
  boost::asio::thread_pool counting_{1};  // of long prompts' tokens
  std::vector<std::unique_ptr<DataLoop>> loops_;
  boost::asio::signal_set signals_;
  std::optional<LoopConfig> fresh_config_;  // goes to the loops together with the next catalogue
  std::size_t draining_loops_ = 0;
  bool stopping_ = false;
  bool needs_key_ = false;  // a listener is open to more than this machine
  // Read by the health page from every loop.
  std::atomic<std::size_t> models_{0}, ready_models_{0};
  std::atomic<bool> draining_{false}, database_{true};
};

}  // namespace orchestra::app
