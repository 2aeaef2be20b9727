#include "settings/variables.h"

#include <array>

#include "base/ascii.h"
#include "settings/values.h"

namespace orchestra::settings {
namespace {

constexpr std::array kUsed = {
    KnownVariable{"MODEL_DIR", "the folder of local models (models.dir)"},
    KnownVariable{"USE_GPU", "whether local models use the GPU (gpu.use)"},
    KnownVariable{"GPU_MEMORY_LIMIT", "GPU memory for local models in MB (gpu.limit)"},
    KnownVariable{"LOG_LEVEL", "debug, info, warning or error (log.level)"},
    KnownVariable{"ORCHESTRATOR_DEBUG", "true logs at debug level"},
    KnownVariable{"ENVIRONMENT", "development, testing, staging or production (environment)"},
    KnownVariable{"RESOURCE_PORTS_OLLAMA", "the port of an Ollama on this machine"},
    KnownVariable{"ORCHESTRATOR_HOST", "the address to listen on (server.host); the CLI connects to it"},
    KnownVariable{"API_PORT", "the port to listen on (server.port); the CLI connects to it"},
    KnownVariable{"ORCHESTRA_API_KEY", "an administrator's API key; the CLI sends it"},
    KnownVariable{"ORCHESTRA_URL", "the server that the CLI talks to"},
};

constexpr std::array kUnused = {
    KnownVariable{"DATABASE_URL", "PostgreSQL for records"},
    KnownVariable{"REDIS_URL", "Redis for shared cache, limits and events"},
    KnownVariable{"REDIS_HOST", "Redis for shared cache, limits and events"},
    KnownVariable{"REDIS_PORT", "Redis for shared cache, limits and events"},
    KnownVariable{"REDIS_PASSWORD", "Redis for shared cache, limits and events"},
    KnownVariable{"JWT_SECRET", "JSON Web Tokens for callers"},
    KnownVariable{"GOOGLE_APPLICATION_CREDENTIALS", "Google speech and translation"},
    KnownVariable{"PICOVOICE_ACCESS_KEY", "Picovoice wake words"},
    KnownVariable{"OPENAI_ORGANIZATION", "the organisation that OpenAI bills"},
    KnownVariable{"CACHE_DIR", "the folder of saved answers"},
    KnownVariable{"CACHE_SIZE_LIMIT", "the size of the answer cache in MB"},
    KnownVariable{"UI_PORT", "the dashboard's own port"},
    KnownVariable{"ORCHESTRATOR_API_PORT", "the port for other scenarios; set API_PORT"},
    KnownVariable{"ORCHESTRATOR_LOG_LEVEL", "the log level; set LOG_LEVEL"},
    KnownVariable{"RESOURCE_PORTS_POSTGRES", "PostgreSQL for records"},
    KnownVariable{"RESOURCE_PORTS_REDIS", "Redis for shared cache, limits and events"},
    KnownVariable{"POSTGRES_USER", "PostgreSQL for records"},
    KnownVariable{"POSTGRES_PASSWORD", "PostgreSQL for records"},
    KnownVariable{"POSTGRES_DB", "PostgreSQL for records"},
    KnownVariable{"REGISTRY_URL", "a separate model registry; it is part of this server"},
    KnownVariable{"DEFAULT_MODEL", "the model for requests without one; set models.default"},
    KnownVariable{"RUNNER_SERVICE_URL", "a separate runner service; it is part of this server"},
    KnownVariable{"SEGMENTATION_SERVICE_URL", "a separate segmentation service"},
    KnownVariable{"AI_ORCHESTRATOR_CONFIG", "a JSON configuration file; use serve --config"},
    KnownVariable{"RESOURCE_MONITOR_INTERVAL", "how often resources are measured"},
    KnownVariable{"MODEL_HEALTH_CHECK_INTERVAL", "how often models are checked"},
    KnownVariable{"MAX_RETRY_ATTEMPTS", "attempts per request; set routing.max_attempts"},
    KnownVariable{"REQUEST_TIMEOUT", "the total time of a request; set routing.timeouts.total"},
    KnownVariable{"MOC_ZMQ_PORT", "the ZeroMQ port"},
    KnownVariable{"MOC_GRPC_PORT", "the gRPC port"},
    KnownVariable{"MOC_REST_PORT", "a REST port; set server.listeners"},
    KnownVariable{"MOC_PORT", "the gRPC port"},
    KnownVariable{"MOC_HEALTH_PORT", "a separate health port"},
    KnownVariable{"MOC_API_KEY", "an API key; set ORCHESTRA_API_KEY"},
    KnownVariable{"MOC_MAX_WORKERS", "threads; set server.threads"},
    KnownVariable{"MODEL_OPS_ALLOWED_ORIGINS", "browser origins; set server.cors.origins"},
    KnownVariable{"GPU_POLL_INTERVAL", "how often the GPU is measured"},
    KnownVariable{"VRAM_SOFT_LIMIT_MB", "GPU memory to keep below; set GPU_MEMORY_LIMIT"},
    KnownVariable{"EVICTION_THRESHOLD_PCT", "when models are evicted"},
    KnownVariable{"DEFAULT_DTYPE", "the number format of trained models"},
    KnownVariable{"ENABLE_QUANTIZATION", "quantisation of trained models"},
    KnownVariable{"ENABLE_AUTO_TUNE", "automatic tuning of learning jobs"},
    KnownVariable{"MAX_PARALLEL_JOBS", "learning jobs at once"},
    KnownVariable{"JOB_STORE", "where learning jobs are kept"},
    KnownVariable{"GOAL_POLICY", "the order of goals"},
    KnownVariable{"MAX_ACTIVE_GOALS", "goals at once"},
    KnownVariable{"NATS_URL", "NATS for events"},
};

template <class Parse, class Apply>
void with(Reading& reading, std::string_view name, Parse parse, Apply apply) {
  const std::string* text = lookup(reading.variables, name);
  if (text == nullptr) return;
  if (auto value = parse(*text)) {
    apply(*value);
  } else {
    complain_variable(reading, name, value.error().what);
  }
}

Result<std::int64_t> parse_port(std::string_view text) {
  auto number = parse_whole(text);
  if (number && *number >= 1 && *number <= 65535) return number;
  return fail(Fault::kInvalid, "This must be a port from 1 to 65535.");
}

void apply_environment_name(Reading& reading, Settings& settings) {
  const std::string* text = lookup(reading.variables, "ENVIRONMENT");
  if (text == nullptr) return;
  const std::vector<std::string> names = {"development", "testing", "staging", "production"};
  const std::string word = ascii_lowered(*text);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) {
      settings.environment = static_cast<Environment>(i);
      return;
    }
  }
  complain_variable(reading, "ENVIRONMENT", "This is not one of the known values.", names, nearest(word, names));
}

void apply_log_level(Reading& reading, Settings& settings) {
  with(reading, "ORCHESTRATOR_DEBUG", parse_flag, [&](bool on) {
    settings.debug = on;
    if (on) settings.log.level = log::Level::kDebug;
  });
  const std::string* level = lookup(reading.variables, "LOG_LEVEL");
  if (level == nullptr) return;
  if (const auto parsed = log::parse_level(*level)) {
    settings.log.level = *parsed;
  } else {
    const std::vector<std::string> names = {"debug", "info", "warning", "error"};
    complain_variable(reading, "LOG_LEVEL", "This is not one of the known values.", names, nearest(*level, names));
  }
}

}  // namespace

std::span<const KnownVariable> used_variables() {
  return kUsed;
}

std::span<const KnownVariable> unused_variables() {
  return kUnused;
}

const std::string* lookup(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() || found->second.empty() ? nullptr : &found->second;
}

void complain_variable(Reading& reading, std::string_view name, std::string what, std::vector<std::string> allowed,
                       std::string nearest_name) {
  const auto origin = reading.origins.find(name);
  reading.problems.push_back({.file = origin == reading.origins.end() ? "environment" : origin->second.file,
                              .line = origin == reading.origins.end() ? 0 : origin->second.line,
                              .key = std::string(name),
                              .what = std::move(what),
                              .allowed = std::move(allowed),
                              .nearest = std::move(nearest_name)});
}

std::vector<UnusedVariable> find_unused(const Variables& variables) {
  std::vector<UnusedVariable> out;
  for (const KnownVariable& known : kUnused) {
    if (lookup(variables, known.name) != nullptr) out.push_back({std::string(known.name), std::string(known.purpose)});
  }
  return out;
}

void apply_variables(Reading& reading, Settings& settings) {
  if (const auto* dir = lookup(reading.variables, "MODEL_DIR")) settings.models.dir = *dir;
  with(reading, "USE_GPU", parse_flag, [&](bool on) { settings.gpu.use = on; });
  const auto megabytes = [](std::string_view text) -> Result<Bytes> {
    const auto number = parse_whole(text);
    if (number && *number >= 1 && *number <= 16'000'000) return mebibytes(*number);
    return fail(Fault::kInvalid, "This must be a whole number of megabytes, at least 1.");
  };
  with(reading, "GPU_MEMORY_LIMIT", megabytes, [&](Bytes limit) { settings.gpu.limit = limit; });
  apply_log_level(reading, settings);
  apply_environment_name(reading, settings);
  if (const auto* host = lookup(reading.variables, "ORCHESTRATOR_HOST")) {
    settings.server.host = *host;
    const auto origin = reading.origins.find("ORCHESTRATOR_HOST");
    reading.origins["server.host"] = origin == reading.origins.end() ? Origin{.file = "environment"} : origin->second;
  }
  with(reading, "API_PORT", parse_port,
       [&](std::int64_t port) { settings.server.port = static_cast<std::uint16_t>(port); });
  if (const auto* key = lookup(reading.variables, "ORCHESTRA_API_KEY")) settings.auth.api_key = Secret(*key);
}

}  // namespace orchestra::settings
