// The typed configuration: what `load` makes of defaults, config/providers.yaml, the configuration file, `.env`, the
// environment and the command line. Plain values: app/ maps them to each room's options.
//
// An empty file gives exactly these defaults. Durations are microseconds, sizes bytes; 0 means "no limit" or "decide
// yourself" only where the comment says so.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/secret.h"
#include "base/units.h"
#include "domain/dialect.h"
#include "domain/hybrid_policy.h"
#include "domain/known_model.h"
#include "domain/model.h"
#include "domain/plan.h"

namespace orchestra::settings {

// A port to listen on. `surface` chooses the rendering on the paths that several READMEs share (CONTRACTS 6.1, 6.2):
// "" or "000" ... "004". `host` is "localhost" (127.0.0.1 and ::1), an address, or "0.0.0.0" / "::".
struct Listener {
  std::string host;
  std::uint16_t port = 0;
  std::string surface;
  friend bool operator==(const Listener&, const Listener&) = default;
};

struct Limits {
  Bytes body = mebibytes(32);              // one request's body, inflated; beyond it 413
  Bytes header = kibibytes(32);            // a request's head; beyond it 431
  int header_fields = 100;                 // beyond it 431
  Bytes buffered_bodies = mebibytes(512);  // all bodies in memory together; beyond it 503
  int connections = 20'000;                // open at once
};

struct ServerTimeouts {
  Micros header{std::chrono::seconds(10)};      // a request's head must be complete
  Micros body{std::chrono::seconds(30)};        // between two reads of a body
  Micros keep_alive{std::chrono::seconds(75)};  // an idle connection is kept
  Micros write{std::chrono::seconds(60)};       // a client must take some bytes
};

struct Tls {
  std::string certificate, key;  // PEM files; both or neither
};

struct Server {
  std::string host = "localhost";
  std::uint16_t port = 8080;
  std::vector<Listener> listeners;  // in addition to host:port; no port 0, no duplicates
  Limits limits;
  ServerTimeouts timeouts;
  std::optional<Tls> tls;
  // Host header names answered besides the own address: empty means loopback names when bound to loopback, any name
  // otherwise; "*" means any.
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> cors_origins;         // exact origins ("https://app.example.com") or "*"
  Micros drain_limit{std::chrono::seconds(30)};  // how long running streams may finish after SIGTERM
  int threads = 0;                               // data loops; 0: one per core
};

struct ApiKey {
  std::string name;
  std::string sha256;  // lower-case hex
  bool admin = false;
};

struct Auth {
  std::vector<ApiKey> api_keys;
  Secret api_key;  // ORCHESTRA_API_KEY: an administrator's key
  bool required() const noexcept { return !api_keys.empty() || !api_key.empty(); }
};

// A base URL taken apart. Only settings make one: no client can point a key at another host.
struct BaseUrl {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 literal
  std::uint16_t port = 0;
  std::string path;  // "" or "/v1": begins with '/', never ends with it
  std::string text() const;
  friend bool operator==(const BaseUrl&, const BaseUrl&) = default;
};

// How a key travels: `Authorization: Bearer`, `x-api-key`, `api-key` (Azure), or not at all.
enum class AuthScheme : std::uint8_t { kBearer, kXApiKey, kApiKey, kNone };

struct Azure {
  std::string api_version;
  std::map<std::string, std::string> deployments;  // model name to deployment name; empty: the model name is the name
};

// A row of config/providers.yaml or of `providers:`, merged with its keys and URLs from the environment.
struct Provider {
  std::string name;  // the part of "provider/model" before the slash: [a-z0-9._-]+, never "local"
  Dialect dialect = Dialect::kOpenAi;
  std::optional<BaseUrl> base_url;  // set when enabled
  std::vector<std::string> key_env, url_env;
  Secret key;
  bool key_optional = false;  // a service that works without a key
  AuthScheme auth = AuthScheme::kBearer;
  std::vector<std::pair<std::string, Secret>> headers;
  bool enabled = false;
  std::string why;                  // a sentence: why it is enabled or not
  std::vector<std::string> models;  // named by hand, besides what its list says
  bool list = true;                 // ask the service for its models
  std::string list_prefix;          // stands before each name in its list
  Timeouts timeouts;                // routing's unless the row says otherwise
  std::optional<Azure> azure;
};
// The models that the row itself names: `models` and Azure's deployments.
std::vector<std::string> own_models(const Provider& provider);

struct Models {
  std::string dir = "./models";
  Micros keep_alive{std::chrono::minutes(5)};  // 0: unload at once; Micros::max(): never
  int parallel = 2;                            // requests at once per worker
  Tokens context{8192};                        // per request; 0: the model's own window
  std::vector<std::string> pinned, load_on_start;
  std::string default_model = "auto";
};

struct LlamaEngine {
  std::string path;                     // a user's own llama-server; empty: the one that was built
  std::optional<int> gpu_layers;        // empty: as many as fit
  std::vector<std::string> extra_args;  // from the allow-list in models_section.cc
};

struct Apertium {
  std::string data;  // the folder that holds its modes; empty: where `apertium` is installed
};

struct Gpu {
  bool use = true;
  std::optional<Bytes> limit;  // per device
};

struct Breaker {
  int failures = 5;
  Micros reset{std::chrono::seconds(60)};
  int half_open = 3;  // trial requests that must succeed
};

struct Routing {
  Timeouts timeouts;
  int max_attempts = 3;
  int attempts_per_candidate = 2;
  int retry_budget_percent = 10;
  Micros hedge_after{};          // without first content after this, the next candidate starts too; 0: never
  int hedge_budget_percent = 5;  // such extra attempts among all requests
  // A local model that needs longer to load is loaded while a remote one answers; 0: requests wait for it.
  Micros cloud_while_loading{std::chrono::seconds(2)};
  Breaker breaker;
};

// What is learned from how requests turned out.
struct Learning {
  int outcomes = 100'000;                        // kept at most; 0: none is kept, and nothing refitted
  Micros refit_every{std::chrono::minutes(10)};  // at most so often, and only when there is something new
};

enum class Durability : std::uint8_t { kProcess, kPower };

struct Journal {
  Durability durability = Durability::kProcess;
  Bytes segment = mebibytes(16);
};

struct Log {
  log::Level level = log::Level::kInfo;
  std::string folder;  // empty: standard error only
  int keep_days = 14;
};

enum class Environment : std::uint8_t { kDevelopment, kTesting, kStaging, kProduction };

// A price row of config/prices.yaml: `pattern` is a model name of that provider, or ends in '*' (matches by prefix).
struct PriceRow {
  std::string provider, pattern;
  Price price;
};
struct Prices {
  std::string path;   // where they were read; empty: compiled in
  std::string as_of;  // "2026-01-02"
  std::vector<PriceRow> rows;
};

// What is publicly known of models: config/models.yaml.
struct KnownModels {
  std::string path;  // where it was read; empty: compiled in
  std::string as_of;
  std::vector<KnownModel> rows;
};

// How `auto` chooses: config/routes.yaml.
struct Routes {
  std::string path;  // where it was read; empty: compiled in
  std::string strategy = "auto";
  std::array<std::vector<std::string>, 4> chains;  // by QueryType
  std::vector<Alias> aliases;                      // shipped ones; merged into Settings::aliases
};

// Which providers the services of README 000 ask: config/hybrid_policy.yaml.
struct Hybrid {
  std::string path;  // where it was read; empty: compiled in
  HybridPolicy policy;
};

// A variable that was set and that this version knows but does not use.
struct UnusedVariable {
  std::string name;
  std::string purpose;  // what it will configure, e.g. "PostgreSQL for records"
};

struct Settings {
  Server server;
  Auth auth;
  std::vector<Provider> providers;  // sorted by name; disabled ones included
  Models models;
  LlamaEngine llama;
  Apertium apertium;
  std::optional<Bytes> memory_limit;  // for local models; empty: what the machine has
  Gpu gpu;
  std::vector<Alias> aliases;  // one named "auto" is the order that `auto` tries
  Routing routing;
  Learning learning;
  Journal journal;
  Log log;
  std::string data_dir = "./data";
  Environment environment = Environment::kDevelopment;
  bool debug = false;  // ORCHESTRATOR_DEBUG: the log level is debug and errors name their cause
  Prices prices;
  KnownModels known_models;
  Routes routes;
  Hybrid hybrid;
  std::string file;                    // the configuration file that was read; empty: none
  std::vector<UnusedVariable> unused;  // for doctor and the log
};

}  // namespace orchestra::settings
