#include "app/orchestra.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <fstream>

#include "app/classifier.h"
#include "app/openapi.h"
#include "base/log.h"
#include "cli/version.h"
#include "host/port_holder.h"
#include "host/reaper.h"
#include "ledger/decision_json.h"
#include "net/host_guard.h"
#include "store/on_pool.h"
#include "tokens/count.h"

namespace orchestra::app {

namespace asio = boost::asio;

namespace {

constexpr Micros kRescan = std::chrono::seconds(5);
constexpr Micros kTick = std::chrono::seconds(1);

int loop_count(const settings::Settings& settings) {
  if (settings.server.threads > 0) return settings.server.threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Bytes resident_memory() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  statm >> size >> resident;
  return Bytes(resident * sysconf(_SC_PAGESIZE));
}

Durability durability(const settings::Settings& settings) {
  return settings.journal.durability == settings::Durability::kPower ? Durability::kPower : Durability::kProcess;
}

// The loops share their ports by SO_REUSEPORT, so another server of this user would not be in the way of `bind`: the
// kernel would deal connections to both.
Result<void> check_free(const std::vector<net::ServerOptions>& options) {
  for (const net::ServerOptions& one : options) {
    if (one.port == 0 || !host::port_taken(one.address, one.port)) continue;
    const auto holder = host::port_holder(one.port).value_or(host::PortHolder{});
    return fail(Fault::kConflict, fmt::format("Port {} is held by {}. Stop it, or choose another port with --port.",
                                              one.port, host::text(holder)));
  }
  return {};
}

bool same_files(const LocalModel& a, const LocalModel& b) {
  return a.model.id == b.model.id && a.files == b.files;
}

std::string url_of(const net::ServerOptions& options, std::uint16_t port) {
  const bool v6 = options.address.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", options.tls ? "https" : "http", v6 ? "[" : "", options.address, v6 ? "]" : "",
                     port);
}

}  // namespace

Result<std::unique_ptr<Orchestra>> Orchestra::open(settings::Settings settings, settings::LoadOptions load) {
  TRY(DataFolder folder, DataFolder::open(settings.data_dir));
  TRY(const int reaped, reap_orphans(folder.path() + "/run"));
  if (reaped > 0) log::warning("Ended {} model workers that an earlier run left behind", reaped);
  static const SystemClock ledger_clock;
  TRY(auto ledger, SpendLedger::open({.data_dir = folder.path(),
                                      .loops = loop_count(settings),
                                      .durability = durability(settings),
                                      .clock = ledger_clock,
                                      .encode_decision = decision_to_json,
                                      .segment_bytes = static_cast<std::uint32_t>(settings.journal.segment.count)}));
  const ReplayReport& replayed = ledger->replayed();
  if (replayed.booked + replayed.interrupted > 0) {
    log::info("Booked {} finished and {} interrupted requests of an earlier run", replayed.booked,
              replayed.interrupted);
  }
  TRY(auto registry, SqliteRegistry::open(folder.path()));
  TRY(auto contents, registry->load());
  TRY(const LearningKey key, open_learning_key(folder.path()));
  return std::unique_ptr<Orchestra>(new Orchestra(
      std::move(settings), std::move(load), std::move(folder),
      {.ledger = std::move(ledger), .registry = std::move(registry), .contents = std::move(contents), .key = key}));
}

Orchestra::Orchestra(settings::Settings settings, settings::LoadOptions load, DataFolder folder, Stores stores)
    : settings_(std::move(settings)),
      load_(std::move(load)),
      folder_(std::move(folder)),
      started_(clock_.now()),
      ledger_(std::move(stores.ledger)),
      health_(clock_, breaker_options(settings_)),
      body_budget_(settings_.server.limits.buffered_bodies),
      control_client_(control_, {}, clock_),
      runner_(control_client_, runner_options(settings_)),
      spawner_(control_, {.run_folder = folder_.path() + "/run"}),
      fleet_(control_, spawner_, runner_, memory_, gpus_, clock_,
             [this] {
               FleetOptions options = fleet_options(settings_, folder_.path() + "/run");
               options.use_gpu = options.use_gpu && runner_.has_gpu_backend();
               options.publish = [this](FleetViewPtr view) {
                 for (const auto& loop : loops_) loop->post_fleet(view);
               };
               options.stale = [this](const ModelId&) { scan(); };
               return options;
             }()),
      translator_(control_, spawner_, clock_, settings_.apertium.data),
      registry_store_(std::move(stores.registry)),
      registry_(control_, *registry_store_, clock_,
                {.records = [this](const RecordsPtr& records) { feed_.set_records(records); },
                 .expect =
                     [this](const PerformanceViewPtr& view) {
                       for (const auto& loop : loops_) loop->post_performance(view);
                     }},
                std::move(stores.contents)),
      feature_key_(std::make_shared<const FeatureKey>(stores.key.key)),
      learning_(
          control_, *registry_store_, clock_, *feature_key_, shipped_classifier(),
          [this](const QueryModelsPtr& models, const RefitReportPtr& report) {
            for (const auto& loop : loops_) loop->post_query_models(models, report);
          },
          learning_options(settings_, stores.key.fresh)),
      feed_(control_, control_client_, clock_,
            [this](CataloguePtr catalogue) { publish_catalogue(std::move(catalogue)); }),
      signals_(control_, SIGTERM, SIGINT, SIGHUP) {
  auto system = std::make_shared<SystemParts>(SystemParts{.clock = clock_,
                                                          .health = [this] { return health(); },
                                                          .version = std::string(cli::kVersion),
                                                          .openapi_json = openapi_json(),
                                                          .docs_html = docs_html()});
  const Shared shared{.clock = clock_,
                      .metrics = metrics_,
                      .health = health_,
                      .sessions = sessions_,
                      .fleet = fleet_,
                      .translator = translator_,
                      .store = ledger_->store(),
                      .registry = registry_,
                      .learn =
                          [this](Told told) {
                            asio::post(control_, [this, told = std::move(told)]() mutable {
                              registry_.note(told.facts);
                              learning_.note(std::move(told.kept), std::move(told.signals));
                              discontent_.note(std::move(told.ends));
                            });
                          },
                      .count_tokens =
                          [this](std::vector<std::string> texts, Encoding encoding, Tokens limit) {
                            return on_pool<Tokens>(counting_, [texts = std::move(texts), encoding, limit] {
                              return count_tokens(texts, encoding, limit);
                            });
                          },
                      .query_models = learning_.models(),
                      .key = feature_key_,
                      .keeps_queries = settings_.learning.outcomes > 0,
                      .providers = [this] { return feed_.providers(); },
                      .system = std::move(system)};
  for (int i = 0; i < loop_count(settings_); ++i) {
    loops_.push_back(std::make_unique<DataLoop>(shared, ledger_->journal(i), loop_config(), net::ClientOptions{}));
  }
}

Orchestra::~Orchestra() {
  stop_loops();
  loops_.clear();
}

void Orchestra::stop_loops() {
  for (const auto& loop : loops_) loop->stop();
  // What was being counted comes back to loops that are still there.
  counting_.join();
  for (const auto& loop : loops_) loop->unwind();
}

LoopConfig Orchestra::loop_config() const {
  return {.services = upstream_services(settings_),
          .gateway = gateway_options(settings_),
          .keys = api_keys(settings_),
          .hybrid = std::make_shared<const HybridPolicy>(settings_.hybrid.policy)};
}

CatalogueFeed::Sources Orchestra::sources() const {
  CatalogueFeed::Sources sources{.services = upstream_services(settings_),
                                 .named = named_models(settings_),
                                 .aliases = settings_.aliases,
                                 .prices = price_rows(settings_),
                                 .known = settings_.known_models.rows};
  for (const auto& provider : settings_.providers) {
    if (provider.enabled && !provider.list) sources.without_list.insert(provider.name);
  }
  return sources;
}

Result<void> Orchestra::listen() {
  auto options = server_options(settings_, body_budget_);
  TRY_VOID(check_free(options));
  needs_key_ = std::ranges::any_of(options, [](const auto& one) { return !net::is_loopback(one.address); });
  for (const auto& loop : loops_) {
    TRY_VOID(loop->listen(options));
    const auto ports = loop->ports();
    for (std::size_t i = 0; i < options.size(); ++i) options[i].port = ports[i];
  }
  return {};
}

void Orchestra::announce() {
  const auto options = server_options(settings_, body_budget_);
  const auto ports = loops_.front()->ports();
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < options.size(); ++i) urls.push_back(url_of(options[i], ports[i]));
  for (const std::string& url : urls) log::info("AI Orchestra {} listens on {}", cli::kVersion, url);
  folder_.note_urls(urls);
  if (local_models_.empty() && upstream_services(settings_).empty()) {
    log::warning(
        "There is no model yet: put GGUF files into {}, or set a provider's key; ai-orchestra doctor says more",
        settings_.models.dir);
    return;
  }
  const bool usual = settings_.server.port == 8080 && !settings_.server.tls;
  log::info("Models are in {}; try: ai-orchestra query{} --prompt \"What is AI Orchestra?\"", settings_.models.dir,
            usual ? "" : " --url " + urls.front());
}

HealthFacts Orchestra::health() const {
  return {.version = std::string(cli::kVersion),
          .uptime = std::chrono::duration_cast<Micros>(clock_.now() - started_),
          .memory_used = resident_memory(),
          .models = models_.load(std::memory_order_relaxed),
          .ready_models = ready_models_.load(std::memory_order_relaxed),
          .database = database_.load(std::memory_order_relaxed),
          .draining = draining_.load(std::memory_order_relaxed),
          .providers = feed_.providers()};
}

void Orchestra::publish_catalogue(CataloguePtr catalogue) {
  models_ = catalogue->models.size();
  ready_models_ = catalogue->models.size();
  catalogue_ = catalogue;
  const PerformanceViewPtr performance = registry_.set_catalogue(catalogue);
  for (const auto& loop : loops_) {
    if (fresh_config_) {
      loop->post_config(*fresh_config_, catalogue, performance);
    } else {
      loop->post_catalogue(catalogue, performance);
    }
  }
  fresh_config_.reset();
}

void Orchestra::scan() {
  Scan found = scan_models(settings_.models.dir, runner_, local_models_);
  for (const ModelFinding& finding : found.findings) log::warning("{}: {}", finding.file, finding.what);
  const bool changed = !std::ranges::equal(found.models, local_models_, same_files);
  std::vector<Model> models;
  for (const LocalModel& local : found.models) models.push_back(local.model);
  local_models_ = found.models;
  fleet_.set_models(std::move(found.models));
  // Another catalogue costs every loop its saved decisions.
  if (changed) feed_.set_local(std::move(models));
}

void Orchestra::look_at_machine() {
  const ResourceViewPtr view = resources_.tick();
  if (!view) return;
  for (const auto& loop : loops_) loop->post_resources(view);
}

Task<void> Orchestra::tick() {
  std::uint64_t failed_commits = ledger_->stats().failed_commits;
  TimePoint next_scan = clock_.now() + kRescan;
  while (!stopping_) {
    CO_TRY_VOID(co_await sleep_until(clock_.now() + kTick));
    const std::uint64_t failed = ledger_->stats().failed_commits;
    database_ = failed == std::exchange(failed_commits, failed);
    Discontent::Signs signs = discontent_.read(clock_.now());
    registry_.note(signs.facts);
    learning_.note({}, std::move(signs.signals));
    registry_.tick();
    learning_.tick();
    look_at_machine();
    if (feed_.all_asked()) chains_.look(settings_, *catalogue_);
    if (clock_.now() < next_scan || stopping_) continue;
    next_scan = clock_.now() + kRescan;
    scan();
  }
  co_return Result<void>();
}

Result<void> Orchestra::run() {
  feed_.set_records(registry_.records());
  feed_.set_sources(sources());
  scan();
  look_at_machine();
  for (const auto& loop : loops_) loop->start();
  announce();
  for (const std::string& name : settings_.models.load_on_start) {
    const ModelId id{name.starts_with("local/") ? name : "local/" + name};
    asio::co_spawn(control_.get_executor(), fleet_.load(id, clock_.now() + std::chrono::minutes(10)),
                   [name](std::exception_ptr, const Result<void>& loaded) {
                     if (!loaded) log::error("{} could not be loaded: {}", name, loaded.error().what);
                   });
  }
  asio::co_spawn(control_.get_executor(), tick(), [](std::exception_ptr, const Result<void>&) {});
  await_signal();
  control_.run();
  stop_loops();
  return ledger_->close();
}

void Orchestra::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      reload();
    } else if (!stopping_) {
      log::info("Finishing what runs, at most {} s; press Ctrl-C again to stop at once",
                std::chrono::duration_cast<Seconds>(settings_.server.drain_limit).count());
      begin_stop();
    } else {
      log::warning("Stopping at once");
      finish_stop();
      return;
    }
    await_signal();
  });
}

void log_unused(const settings::Settings& settings, const std::vector<settings::UnusedVariable>& known) {
  for (const auto& variable : settings.unused) {
    if (std::ranges::find(known, variable.name, &settings::UnusedVariable::name) != known.end()) continue;
    log::info("{} is set and not used yet ({})", variable.name, variable.purpose);
  }
}

void Orchestra::reload() {
  auto loaded = settings::load(load_);
  if (!loaded) {
    log::error("The configuration was not reloaded; nothing has changed:\n{}", settings::text(loaded.error()));
    return;
  }
  if (needs_key_ && !loaded->auth.required()) {
    log::error(
        "The configuration was not reloaded; nothing has changed: without an API key it would open a server that "
        "listens on more than this machine. Set a key, or restart.");
    return;
  }
  const settings::Changes changes = settings::diff(settings_, *loaded);
  for (const std::string& key : changes.restart) log::warning("{} changes at the next start only", key);
  for (const std::string& key : changes.live) log::info("{} has changed", key);
  log_unused(*loaded, settings_.unused);
  settings_ = std::move(*loaded);
  log::set_level(settings_.log.level);
  fresh_config_ = loop_config();
  feed_.set_sources(sources());
  scan();
}

void Orchestra::begin_stop() {
  stopping_ = true;
  draining_ = true;
  draining_loops_ = loops_.size();
  for (const auto& loop : loops_) {
    loop->post_drain(settings_.server.drain_limit, [this] {
      asio::post(control_, [this] {
        if (--draining_loops_ == 0) finish_stop();
      });
    });
  }
}

Task<void> Orchestra::close_services() {
  CO_TRY_VOID(co_await fleet_.shutdown());
  const auto closed = co_await registry_.close();
  CO_TRY_VOID(co_await learning_.close());
  co_return closed;
}

void Orchestra::finish_stop() {
  asio::co_spawn(control_.get_executor(), close_services(),
                 [this](std::exception_ptr, const Result<void>&) { control_.stop(); });
}

}  // namespace orchestra::app
