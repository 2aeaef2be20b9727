// One data loop: an io_context, its thread, and everything that serves requests on it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "api/dispatcher.h"
#include "api/hybrid_services.h"
#include "api/model_scene.h"
#include "api/models.h"
#include "api/router.h"
#include "api/system.h"
#include "app/outcome_poster.h"
#include "domain/refit_report.h"
#include "fleet/fleet.h"
#include "gateway/gateway.h"
#include "net/client.h"
#include "net/server.h"
#include "policy/classify/query_models.h"
#include "ports/registry.h"
#include "ports/store.h"
#include "providers/provider_set.h"
#include "providers/upstream.h"

namespace orchestra::app {

// What the loops share. All of it outlives them and may be used from any thread.
struct Shared {
  const Clock& clock;
  Metrics& metrics;
  HealthTable& health;
  Sessions& sessions;
  Fleet& fleet;
  Translator& translator;
  Store& store;
  Registry& registry;
  OutcomePoster::Post learn;
  CountTokens count_tokens;
  QueryModelsPtr query_models;            // to begin with
  std::shared_ptr<const FeatureKey> key;  // shared: by all loops
  bool keeps_queries = true;              // their outcomes
  std::function<std::vector<HealthFacts::Provider>()> providers;
  std::shared_ptr<const SystemParts> system;
};

// What a loop takes over from a new configuration.
struct LoopConfig {
  std::vector<UpstreamService> services;
  GatewayOptions gateway;
  std::shared_ptr<const ApiKeys> keys;  // shared: the same set on every loop
  std::shared_ptr<const HybridPolicy> hybrid = std::make_shared<const HybridPolicy>();  // shared: likewise
};

// Constructed, and its servers bound, before `start`; afterwards only the posting methods are called from outside.
class DataLoop {
 public:
  DataLoop(const Shared& shared, Journal& journal, const LoopConfig& config, net::ClientOptions client);
  ~DataLoop();

  Result<void> listen(const std::vector<net::ServerOptions>& options);
  // Ports in the order of `listen`'s options.
  std::vector<std::uint16_t> ports() const;
  void start();
  // `performance` belongs to `catalogue`.
  void post_catalogue(CataloguePtr catalogue, PerformanceViewPtr performance);
  // A new configuration and its catalogue, in one step: no request sees a model without its provider.
  void post_config(LoopConfig config, CataloguePtr catalogue, PerformanceViewPtr performance);
  void post_performance(PerformanceViewPtr performance);
  void post_fleet(FleetViewPtr fleet);
  void post_resources(ResourceViewPtr resources);
  void post_query_models(QueryModelsPtr models, RefitReportPtr report);
  // Finishes what runs, at most for `limit`; `done` is called on the loop.
  void post_drain(Micros limit, std::function<void()> done);
  // Ends the thread.
  void stop();
  // Cuts what is still in flight, which is booked as abandoned; behind `stop`, while all that it uses is alive.
  void unwind();
  // "GET /v1/models" and so on: what the OpenAPI file is held against.
  std::vector<std::string> routes() const { return router_.list(); }

 private:
  std::shared_ptr<ProviderSet> make_providers(const std::vector<UpstreamService>& services);
  void build_routes();
  ModelPulse pulse(const ModelId& id) const;
  void set_catalogue(CataloguePtr catalogue, PerformanceViewPtr performance);

  Shared shared_;
  const BeginLoad begin_load_ = [this](const ModelId& model) { shared_.fleet.prefetch(model); };
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<Executor> work_;
  net::Client client_;
  OutcomePoster outcomes_;
  QueryModelsPtr query_models_;
  Gateway gateway_;
  Snapshots snapshots_;
  HybridServices hybrid_;
  Router router_;
  Dispatcher dispatcher_;
  std::vector<std::unique_ptr<net::Server>> servers_;
  std::thread thread_;
};

}  // namespace orchestra::app
