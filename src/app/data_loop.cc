#include "app/data_loop.h"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "api/context.h"
#include "api/feedback.h"
#include "api/inference.h"
#include "api/local_models.h"
#include "api/metrics.h"
#include "api/model_inference.h"
#include "api/model_registry.h"
#include "api/model_requests.h"
#include "api/model_status.h"
#include "api/model_versions.h"
#include "api/orchestrated.h"
#include "api/overview.h"
#include "api/records.h"
#include "api/registered_models.h"
#include "api/resources.h"
#include "api/route_request.h"
#include "api/selection.h"
#include "api/simulations.h"
#include "api/stand_in.h"
#include "providers/local.h"
#include "providers/remote.h"

namespace orchestra::app {

namespace asio = boost::asio;

DataLoop::DataLoop(const Shared& shared, Journal& journal, const LoopConfig& config, net::ClientOptions client)
    : shared_(shared),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(context_.get_executor()),
      client_(context_, std::move(client), shared.clock),
      outcomes_(context_.get_executor(), shared.learn),
      query_models_(shared.query_models),
      gateway_({.loop = context_.get_executor(),
                .providers = make_providers(config.services),
                .journal = journal,
                .health = shared.health,
                .sessions = shared.sessions,
                .metrics = shared.metrics,
                .clock = shared.clock,
                .admissions = {},
                .outcomes = &outcomes_,
                .classify = [this](const Request& request) { return query_models_->classify(view_of(request)); },
                .count_tokens = shared.count_tokens,
                .key = shared.key,
                .keeps_queries = shared.keeps_queries,
                .begin_load = begin_load_},
               config.gateway),
      hybrid_(gateway_, {gateway_, snapshots_, shared.clock}, shared.translator, begin_load_),
      dispatcher_(router_, shared.clock, config.keys) {
  snapshots_.catalogue = std::make_shared<const Catalogue>();
  snapshots_.performance = std::make_shared<const PerformanceView>();
  gateway_.set_catalogue(snapshots_.catalogue);
  hybrid_.set_policy(config.hybrid);
  build_routes();
}

DataLoop::~DataLoop() {
  stop();
  unwind();
}

std::shared_ptr<ProviderSet> DataLoop::make_providers(const std::vector<UpstreamService>& services) {
  auto set = std::make_shared<ProviderSet>();
  for (const UpstreamService& service : services) {
    set->add(service.name, std::make_unique<RemoteProvider>(client_, shared_.clock, service));
  }
  set->add(std::string(LocalProvider::kName), std::make_unique<LocalProvider>(client_, shared_.clock, shared_.fleet));
  return set;
}

void DataLoop::build_routes() {
  add_system_routes(router_, shared_.system);
  add_inference_routes(router_, gateway_, shared_.clock);
  const SelectionParts selecting{gateway_, snapshots_, shared_.clock};
  add_selection_routes(router_, selecting);
  add_route_routes(router_, selecting);
  add_model_request_routes(router_, gateway_, snapshots_, shared_.clock);
  const AskingParts asking{gateway_, snapshots_, shared_.clock};
  add_model_inference_routes(router_, asking);
  add_orchestrated_routes(router_, gateway_, asking);
  add_hybrid_routes(router_, hybrid_);
  add_model_routes(router_, snapshots_);
  const StandIn local_for = [this](std::string_view name) { return stand_in(gateway_, *snapshots_.catalogue, name); };
  add_local_model_routes(router_, shared_.fleet, snapshots_, local_for, shared_.clock);
  add_record_routes(router_, shared_.store, shared_.clock);
  add_simulation_routes(router_, shared_.store, shared_.clock);
  add_resource_routes(router_, snapshots_, shared_.clock);
  add_overview_routes(router_, snapshots_, shared_.store, shared_.clock);
  const ModelScene scene{.snapshots = snapshots_,
                         .registry = shared_.registry,
                         .outcomes = outcomes_,
                         .pulse = [this](const ModelId& id) { return pulse(id); },
                         .providers = shared_.providers,
                         .stand_in = local_for,
                         .clock = shared_.clock};
  add_model_version_routes(router_, scene);
  add_registered_model_routes(router_, scene);
  add_model_registry_routes(router_, scene);
  add_feedback_routes(router_, scene, shared_.store);
  add_model_status_routes(router_, scene, shared_.store);
  add_metrics_route(router_, shared_.metrics, scene);
}

ModelPulse DataLoop::pulse(const ModelId& id) const {
  const ModelHealth health = shared_.health.cell(id.text).view(shared_.clock.now());
  return {.closed = health.breaker == BreakerState::kClosed, .success_permille = health.success_permille};
}

Result<void> DataLoop::listen(const std::vector<net::ServerOptions>& options) {
  std::uint16_t chosen = 0;  // by the kernel, for the first listener without a port; its twins share it
  for (net::ServerOptions one : options) {
    if (one.port == 0) one.port = chosen;
    one.write_refusal = [&clock = shared_.clock](int, const Error& error, std::string_view path) {
      return refusal_response(error, path, clock);
    };
    auto server = std::make_unique<net::Server>(context_, one, dispatcher_, shared_.clock);
    TRY_VOID(server->listen());
    if (one.port == 0) chosen = server->port();
    servers_.push_back(std::move(server));
  }
  return {};
}

std::vector<std::uint16_t> DataLoop::ports() const {
  std::vector<std::uint16_t> ports;
  for (const auto& server : servers_) ports.push_back(server->port());
  return ports;
}

void DataLoop::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "data-loop");
    context_.run();
  });
}

void DataLoop::set_catalogue(CataloguePtr catalogue, PerformanceViewPtr performance) {
  snapshots_.catalogue = catalogue;
  snapshots_.performance = performance;
  gateway_.set_performance(std::move(performance));
  gateway_.set_catalogue(std::move(catalogue));
}

void DataLoop::post_catalogue(CataloguePtr catalogue, PerformanceViewPtr performance) {
  asio::post(context_, [this, catalogue = std::move(catalogue), performance = std::move(performance)] {
    set_catalogue(catalogue, performance);
  });
}

void DataLoop::post_performance(PerformanceViewPtr performance) {
  asio::post(context_, [this, performance = std::move(performance)] {
    snapshots_.performance = performance;
    gateway_.set_performance(performance);
  });
}

void DataLoop::post_config(LoopConfig config, CataloguePtr catalogue, PerformanceViewPtr performance) {
  asio::post(context_, [this, config = std::move(config), catalogue = std::move(catalogue),
                        performance = std::move(performance)] {
    gateway_.set_providers(make_providers(config.services));
    gateway_.set_options(config.gateway);
    dispatcher_.set_keys(config.keys);
    hybrid_.set_policy(config.hybrid);
    set_catalogue(catalogue, performance);
  });
}

void DataLoop::post_fleet(FleetViewPtr fleet) {
  asio::post(context_, [this, fleet = std::move(fleet)] {
    snapshots_.fleet = fleet;
    gateway_.set_fleet(fleet);
  });
}

void DataLoop::post_resources(ResourceViewPtr resources) {
  asio::post(context_, [this, resources = std::move(resources)] { snapshots_.resources = resources; });
}

void DataLoop::post_query_models(QueryModelsPtr models, RefitReportPtr report) {
  asio::post(context_, [this, models = std::move(models), report = std::move(report)] {
    query_models_ = models;
    snapshots_.refit = report;
  });
}

void DataLoop::post_drain(Micros limit, std::function<void()> done) {
  auto left = std::make_shared<std::size_t>(servers_.size());  // shared by the servers' completions
  asio::post(context_, [this, limit, done = std::move(done), left] {
    for (const auto& server : servers_) {
      asio::co_spawn(context_.get_executor(), server->drain(limit),
                     [this, left, done](std::exception_ptr, const Result<void>&) {
                       if (--*left > 0) return;
                       outcomes_.flush();
                       done();
                     });
    }
  });
}

void DataLoop::stop() {
  if (!thread_.joinable()) return;
  work_.reset();
  context_.stop();
  thread_.join();
}

void DataLoop::unwind() {
  servers_.clear();
  context_.restart();
  context_.poll();
}

}  // namespace orchestra::app
