#include "settings/diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "settings/values.h"

namespace orchestra::settings {
namespace {

struct Value {
  std::string shown;    // "(set)" for a secret
  std::string compare;  // for a secret: its hash
  bool live = false;
};
using Values = std::map<std::string, Value>;

std::string spell_flag(bool on) {
  return on ? "true" : "false";
}

std::string spell_times(const Timeouts& times) {
  return fmt::format("{{connect: {}, first_content: {}, idle: {}, total: {}}}", spell(times.connect),
                     spell(times.first_content), spell(times.idle), spell(times.total));
}

std::string spell_list(const std::vector<std::string>& items) {
  return fmt::format("[{}]", fmt::join(items, ", "));
}

// Every figure that a row of known models can say.
std::string spell_known(const KnownModel& row) {
  const ModelCard& card = *row.card;
  const auto number = [](const auto& value) { return value ? static_cast<double>(*value) : -1.0; };
  const auto micros = [](const std::optional<Micros>& value) { return value ? value->count() : -1; };
  return fmt::format("\n{}/{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", fmt::join(row.providers, ","),
                     row.pattern, number(row.capabilities), row.context.value_or(Tokens(-1)).count, card.family,
                     static_cast<int>(card.maturity), card.skills, card.fast, number(card.claimed.quality),
                     number(card.claimed.success_rate), number(card.claimed.tokens_per_second),
                     micros(card.claimed.first_content), micros(card.claimed.completion),
                     card.limits.output.value_or(Tokens(-1)).count, number(card.limits.requests_per_minute),
                     number(card.limits.tokens_per_minute), card.release_date, card.deprecation_date);
}

std::string spell_service(const HybridService& service) {
  std::string text = service.strategy == HybridStrategy::kLocalFirst ? "local_first" : "cloud_first";
  for (const HybridProvider& one : service.providers) {
    text += fmt::format(" {}({} {} {} {})", one.name, one.local ? "local" : "cloud", one.model, one.voice,
                        spell(one.timeout.value_or(service.per_call_timeout)));
  }
  const Hedging& hedging = service.hedging;
  return fmt::format("{}, latency {}, confidence {}, hedging {} {} {} {} {} {} {}%", text,
                     spell(service.latency_threshold), service.confidence_threshold, spell_flag(hedging.enabled),
                     hedging.max_parallel, spell_flag(hedging.on_latency), spell_flag(hedging.on_low_confidence),
                     spell_flag(hedging.on_error), hedging.prefer_confidence ? "higher_confidence" : "first",
                     hedging.extra_percent);
}

// The table of all keys. `live` marks what a reload changes without a restart.
class Flat {
 public:
  void put(std::string key, std::string value, bool live) { values_[std::move(key)] = {value, value, live}; }
  void put_secret(std::string key, const Secret& secret) {
    if (secret.empty()) return put(std::move(key), "", true);
    values_[std::move(key)] = {"(set)", sha256_hex(secret.reveal()), true};
  }
  Values take() { return std::move(values_); }

  void server(const Server& server) {
    put("server.host", server.host, false);
    put("server.port", fmt::to_string(server.port), false);
    put("server.threads", fmt::to_string(server.threads), false);
    put("server.drain_limit", spell(server.drain_limit), true);
    std::vector<std::string> listeners;
    for (const Listener& one : server.listeners) {
      listeners.push_back(fmt::format("{{host: {}, port: {}, surface: '{}'}}", one.host, one.port, one.surface));
    }
    put("server.listeners", spell_list(listeners), false);
    put("server.limits.body", spell(server.limits.body), false);
    put("server.limits.header", spell(server.limits.header), false);
    put("server.limits.header_fields", fmt::to_string(server.limits.header_fields), false);
    put("server.limits.buffered_bodies", spell(server.limits.buffered_bodies), false);
    put("server.limits.connections", fmt::to_string(server.limits.connections), false);
    put("server.timeouts.header", spell(server.timeouts.header), false);
    put("server.timeouts.body", spell(server.timeouts.body), false);
    put("server.timeouts.keep_alive", spell(server.timeouts.keep_alive), false);
    put("server.timeouts.write", spell(server.timeouts.write), false);
    put("server.tls.cert", server.tls ? server.tls->certificate : "", false);
    put("server.tls.key", server.tls ? server.tls->key : "", false);
    put("server.allowed_hosts", spell_list(server.allowed_hosts), false);
    put("server.cors.origins", spell_list(server.cors_origins), false);
  }

  void auth(const Auth& auth) {
    std::vector<std::string> keys;
    for (const ApiKey& key : auth.api_keys) {
      keys.push_back(
          fmt::format("{{name: {}, sha256: {}..., admin: {}}}", key.name, key.sha256.substr(0, 8), key.admin));
    }
    put("auth.api_keys", spell_list(keys), true);
    put_secret("ORCHESTRA_API_KEY", auth.api_key);
  }

  void provider(const Provider& provider) {
    const std::string path = "providers." + provider.name;
    put(path + ".enabled", spell_flag(provider.enabled), true);
    put(path + ".dialect", std::string(dialect_name(provider.dialect)), true);
    put(path + ".base_url", provider.base_url ? provider.base_url->text() : "", true);
    put_secret(path + ".key", provider.key);
    constexpr std::array kSchemes = {"bearer", "x-api-key", "api-key", "none"};
    put(path + ".auth", kSchemes[static_cast<std::size_t>(provider.auth)], true);
    put(path + ".models", spell_list(provider.models), true);
    put(path + ".list", spell_flag(provider.list), true);
    put(path + ".list_prefix", provider.list_prefix, true);
    put(path + ".timeouts", spell_times(provider.timeouts), true);
    for (const auto& [name, value] : provider.headers) put_secret(fmt::format("{}.headers.{}", path, name), value);
    if (!provider.azure) return;
    put(path + ".azure.api_version", provider.azure->api_version, true);
    for (const auto& [model, name] : provider.azure->deployments) {
      put(fmt::format("{}.azure.deployments.{}", path, model), name, true);
    }
  }

  void local(const Settings& settings) {
    const Models& models = settings.models;
    put("models.dir", models.dir, true);
    put("models.keep_alive", spell(models.keep_alive), false);
    put("models.parallel", fmt::to_string(models.parallel), false);
    put("models.context", fmt::to_string(models.context.count), false);
    put("models.pinned", spell_list(models.pinned), false);
    put("models.load_on_start", spell_list(models.load_on_start), false);
    put("models.default", models.default_model, true);
    put("engines.llama.path", settings.llama.path, false);
    put("engines.llama.gpu_layers", settings.llama.gpu_layers ? fmt::to_string(*settings.llama.gpu_layers) : "auto",
        false);
    put("engines.llama.extra_args", spell_list(settings.llama.extra_args), false);
    put("engines.apertium.data", settings.apertium.data, false);
    put("memory.limit", settings.memory_limit ? spell(*settings.memory_limit) : "", false);
    put("gpu.use", spell_flag(settings.gpu.use), false);
    put("gpu.limit", settings.gpu.limit ? spell(*settings.gpu.limit) : "", false);
  }

  void routing(const Settings& settings) {
    const Routing& routing = settings.routing;
    put("routing.timeouts", spell_times(routing.timeouts), true);
    put("routing.max_attempts", fmt::to_string(routing.max_attempts), true);
    put("routing.attempts_per_candidate", fmt::to_string(routing.attempts_per_candidate), true);
    put("routing.retry_budget_percent", fmt::to_string(routing.retry_budget_percent), true);
    put("routing.breaker.failures", fmt::to_string(routing.breaker.failures), false);
    put("routing.breaker.reset", spell(routing.breaker.reset), false);
    put("routing.breaker.half_open", fmt::to_string(routing.breaker.half_open), false);
    put("routing.hedge_after", spell(routing.hedge_after), true);
    put("routing.hedge_budget_percent", fmt::to_string(routing.hedge_budget_percent), true);
    put("routing.cloud_while_loading", spell(routing.cloud_while_loading), true);
    put("routes_file", settings.routes.path, true);
    put("routes.strategy", settings.routes.strategy, true);
    for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
      put(fmt::format("routes.chains.{}", kQueryTypeNames[type]), spell_list(settings.routes.chains[type]), true);
    }
    for (const Alias& alias : settings.aliases) put("aliases." + alias.name, spell_list(alias.chain), true);
  }

  void hybrid(const Hybrid& hybrid) {
    put("hybrid_policy_file", hybrid.path, true);
    const HybridPolicy& policy = hybrid.policy;
    for (const auto& [name, service] : {std::pair("stt", &policy.stt),
                                        {"tts", &policy.tts},
                                        {"reason", &policy.reason},
                                        {"translate", &policy.translate}}) {
      put(fmt::format("services.{}", name), spell_service(*service), true);
    }
  }

  void records(const Settings& settings) {
    constexpr std::array kEnvironments = {"development", "testing", "staging", "production"};
    constexpr std::array kLevels = {"debug", "info", "warning", "error"};
    put("learning.outcomes", fmt::to_string(settings.learning.outcomes), false);
    put("learning.refit_every", spell(settings.learning.refit_every), false);
    put("journal.durability", settings.journal.durability == Durability::kPower ? "power" : "process", false);
    put("journal.segment", spell(settings.journal.segment), false);
    put("log.level", kLevels[static_cast<std::size_t>(settings.log.level)], true);
    put("log.folder", settings.log.folder, false);
    put("log.keep_days", fmt::to_string(settings.log.keep_days), false);
    put("data_dir", settings.data_dir, false);
    put("environment", kEnvironments[static_cast<std::size_t>(settings.environment)], false);
    const Prices& prices = settings.prices;
    std::string rows = prices.path + prices.as_of;
    for (const PriceRow& row : prices.rows) {
      rows += fmt::format("\n{}/{}", row.provider, row.pattern);
      for (const auto& price : {row.price.input, row.price.output, row.price.cached_input, row.price.cache_write,
                                row.price.reasoning, row.price.audio_input, row.price.audio_output}) {
        rows += price ? fmt::format(" {}", price->count) : " -";
      }
    }
    values_["prices"] = {fmt::format("{} ({} models, as of {})", prices.path, prices.rows.size(), prices.as_of), rows,
                         true};
    const KnownModels& known = settings.known_models;
    std::string text = known.path + known.as_of;
    for (const KnownModel& row : known.rows) text += spell_known(row);
    values_["models_file"] = {fmt::format("{} ({} names, as of {})", known.path, known.rows.size(), known.as_of),
                              sha256_hex(text), true};
  }

 private:
  Values values_;
};

Values flatten(const Settings& settings) {
  Flat flat;
  flat.server(settings.server);
  flat.auth(settings.auth);
  for (const Provider& provider : settings.providers) flat.provider(provider);
  flat.local(settings);
  flat.routing(settings);
  flat.hybrid(settings.hybrid);
  flat.records(settings);
  return flat.take();
}

}  // namespace

Changes diff(const Settings& before, const Settings& after) {
  const Values old_values = flatten(before);
  const Values new_values = flatten(after);
  Changes changes;
  const auto note = [&](const std::string& key, const Value& value) {
    (value.live ? changes.live : changes.restart).push_back(key);
  };
  for (const auto& [key, value] : new_values) {
    const auto old = old_values.find(key);
    if (old == old_values.end() || old->second.compare != value.compare) note(key, value);
  }
  for (const auto& [key, value] : old_values) {
    if (!new_values.contains(key)) note(key, value);
  }
  std::ranges::sort(changes.live);
  std::ranges::sort(changes.restart);
  return changes;
}

std::vector<EffectiveKey> effective(const Settings& settings) {
  std::vector<EffectiveKey> out;
  for (auto& [key, value] : flatten(settings)) out.push_back({key, value.shown});
  return out;
}

}  // namespace orchestra::settings
