#include "app/wiring.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>

#include "providers/model_list.h"

namespace orchestra::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAnthropicVersion = "2023-06-01";

void add_key(const settings::Provider& provider, UpstreamService& service) {
  if (provider.key.empty()) return;
  switch (provider.auth) {
    case settings::AuthScheme::kBearer:
      service.secret_fields.emplace_back("authorization", Secret("Bearer " + provider.key.reveal()));
      return;
    case settings::AuthScheme::kXApiKey: service.secret_fields.emplace_back("x-api-key", provider.key); return;
    case settings::AuthScheme::kApiKey: service.secret_fields.emplace_back("api-key", provider.key); return;
    case settings::AuthScheme::kNone: return;
  }
}

UpstreamService upstream_service(const settings::Provider& provider) {
  UpstreamService service;
  service.name = provider.name;
  service.dialect = provider.dialect;
  service.endpoint = {.tls = provider.base_url->tls, .host = provider.base_url->host, .port = provider.base_url->port};
  service.base_path = provider.base_url->path;
  service.list_prefix = provider.list_prefix;
  add_key(provider, service);
  for (const auto& [name, value] : provider.headers) service.secret_fields.emplace_back(name, value);
  if (provider.dialect == Dialect::kAnthropic)
    service.plain_fields.emplace_back("anthropic-version", kAnthropicVersion);
  if (provider.azure) {
    service.deployment_paths = true;
    service.query = "api-version=" + provider.azure->api_version;
    service.deployments.insert(provider.azure->deployments.begin(), provider.azure->deployments.end());
  }
  return service;
}

// The folders that may hold an engine, relative to this program: installed (bin/../lib/ai-orchestra/llama) and built in
// the tree (build/<preset>/bin/../../deps/llama/bin).
std::vector<fs::path> engine_folders() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path bin = program.parent_path();
  return {bin / "../lib/ai-orchestra/llama", bin / "../../deps/llama/bin", fs::path("build/deps/llama/bin")};
}

// Many containers have no IPv6: there, localhost is 127.0.0.1 alone.
bool has_ipv6_loopback() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in6 any_port{};
  any_port.sin6_family = AF_INET6;
  any_port.sin6_addr = in6addr_loopback;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&any_port), sizeof any_port) == 0;
  ::close(fd);
  return bound;
}

std::vector<std::string> addresses(const std::string& host) {
  if (host != "localhost") return {host};
  static const bool ipv6 = has_ipv6_loopback();
  return ipv6 ? std::vector<std::string>{"127.0.0.1", "::1"} : std::vector<std::string>{"127.0.0.1"};
}

void add_listener(const settings::Settings& settings, const settings::Listener& listener, net::BodyBudget& budget,
                  std::vector<net::ServerOptions>& out) {
  const settings::Server& server = settings.server;
  for (const std::string& address : addresses(listener.host)) {
    net::ServerOptions options;
    options.address = address;
    options.port = listener.port;
    options.reuse_port = true;
    options.surface = listener.surface;
    options.limits.body_bytes = static_cast<std::size_t>(server.limits.body.count);
    options.limits.header_bytes = static_cast<std::size_t>(server.limits.header.count);
    options.limits.header_fields = static_cast<std::size_t>(server.limits.header_fields);
    options.limits.connections = static_cast<std::size_t>(server.limits.connections);
    options.limits.header_within = server.timeouts.header;
    options.limits.body_stall = server.timeouts.body;
    options.limits.idle = server.timeouts.keep_alive;
    options.limits.write_stall = server.timeouts.write;
    options.allowed_hosts = server.allowed_hosts;
    options.cors_origins = server.cors_origins;
    if (server.tls) {
      options.tls = net::ServerTls{.certificate_file = server.tls->certificate, .key_file = server.tls->key};
    }
    options.budget = &budget;
    out.push_back(std::move(options));
  }
}

}  // namespace

std::vector<UpstreamService> upstream_services(const settings::Settings& settings) {
  std::vector<UpstreamService> services;
  for (const settings::Provider& provider : settings.providers) {
    if (provider.enabled) services.push_back(upstream_service(provider));
  }
  return services;
}

std::map<std::string, std::vector<Model>, std::less<>> named_models(const settings::Settings& settings) {
  std::map<std::string, std::vector<Model>, std::less<>> models;
  for (const settings::Provider& provider : settings.providers) {
    if (!provider.enabled) continue;
    const UpstreamService service = upstream_service(provider);
    auto& named = models[provider.name];
    for (const std::string& name : settings::own_models(provider)) named.push_back(listed_model(service, name));
  }
  return models;
}

std::vector<PriceRow> price_rows(const settings::Settings& settings) {
  std::vector<PriceRow> rows;
  for (const auto& row : settings.prices.rows) {
    rows.push_back({.provider = row.provider, .pattern = row.pattern, .price = row.price});
  }
  return rows;
}

std::shared_ptr<const ApiKeys> api_keys(const settings::Settings& settings) {
  std::vector<ApiKeys::Key> keys;
  for (const auto& key : settings.auth.api_keys)
    keys.push_back({.name = key.name, .sha256 = key.sha256, .admin = key.admin});
  if (!settings.auth.api_key.empty()) {
    keys.push_back({.name = "ORCHESTRA_API_KEY", .sha256 = sha256_hex(settings.auth.api_key.reveal()), .admin = true});
  }
  return std::make_shared<const ApiKeys>(std::move(keys));
}

GatewayOptions gateway_options(const settings::Settings& settings) {
  GatewayOptions options;
  options.select.default_model = settings.models.default_model;
  options.select.strategy = settings.routes.strategy;
  options.select.chains = settings.routes.chains;
  options.select.max_attempts = settings.routing.max_attempts;
  options.select.attempts_per_candidate = settings.routing.attempts_per_candidate;
  options.select.timeouts = settings.routing.timeouts;
  for (const auto& provider : settings.providers) {
    if (provider.timeouts != settings.routing.timeouts)
      options.select.provider_timeouts.emplace(provider.name, provider.timeouts);
  }
  options.retries.percent = settings.routing.retry_budget_percent;
  options.select.hedge_after = settings.routing.hedge_after;
  options.select.cloud_while_loading = settings.routing.cloud_while_loading;
  options.hedges.percent = settings.routing.hedge_budget_percent;
  if (options.hedges.percent == 0) options.hedges.start = 0;
  return options;
}

LearningService::Options learning_options(const settings::Settings& settings, bool fresh_key) {
  return {.most = static_cast<std::size_t>(settings.learning.outcomes),
          .refit_every = settings.learning.refit_every,
          .forget = fresh_key};
}

BreakerOptions breaker_options(const settings::Settings& settings) {
  return {.failure_threshold = settings.routing.breaker.failures,
          .reset_timeout = std::chrono::duration_cast<Millis>(settings.routing.breaker.reset),
          .success_threshold = settings.routing.breaker.half_open,
          .half_open_probes = settings.routing.breaker.half_open};
}

std::vector<net::ServerOptions> server_options(const settings::Settings& settings, net::BodyBudget& budget) {
  std::vector<net::ServerOptions> out;
  add_listener(settings, {.host = settings.server.host, .port = settings.server.port}, budget, out);
  for (const auto& listener : settings.server.listeners) add_listener(settings, listener, budget, out);
  return out;
}

FleetOptions fleet_options(const settings::Settings& settings, const std::string& run_folder) {
  FleetOptions options;
  options.run_folder = run_folder;
  options.keep_alive = settings.models.keep_alive == Micros::max() ? Micros(-1) : settings.models.keep_alive;
  for (const std::string& name : settings.models.pinned) {
    options.pinned.insert(name.starts_with("local/") ? name : "local/" + name);
  }
  options.host_budget = settings.memory_limit.value_or(Bytes(0));
  options.gpu_budget = settings.gpu.limit.value_or(Bytes(0));
  options.use_gpu = settings.gpu.use;
  return options;
}

LlamaRunner::Options runner_options(const settings::Settings& settings) {
  LlamaRunner::Options options;
  options.program = find_llama_server(settings);
  options.slots = settings.models.parallel;
  options.context = settings.models.context;
  options.gpu_layers = settings.llama.gpu_layers;
  options.extra_args = settings.llama.extra_args;
  return options;
}

std::string find_llama_server(const settings::Settings& settings) {
  if (!settings.llama.path.empty()) return fs::absolute(settings.llama.path).lexically_normal();
  for (const fs::path& folder : engine_folders()) {
    std::error_code error;
    const fs::path program = folder / "llama-server";
    if (fs::exists(program, error)) return fs::canonical(program, error);
  }
  return "";
}

}  // namespace orchestra::app
