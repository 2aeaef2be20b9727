#include "api/system.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace orchestra {
namespace {

constexpr std::string_view kService = "ai-orchestra";

std::string_view status_of(const HealthFacts& facts) {
  if (!facts.database || facts.draining) return "unhealthy";
  for (const auto& provider : facts.providers) {
    if (provider.state == "unreachable" || provider.state == "key refused") return "degraded";
  }
  return facts.models == 0 ? "degraded" : "healthy";
}

// "2h 45m", as the health page of the original shows it.
std::string readable_uptime(Micros uptime) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(uptime).count();
  if (minutes >= 24 * 60) return fmt::format("{}d {}h", minutes / (24 * 60), minutes / 60 % 24);
  if (minutes >= 60) return fmt::format("{}h {}m", minutes / 60, minutes % 60);
  return fmt::format("{}m {}s", minutes, std::chrono::duration_cast<Seconds>(uptime).count() % 60);
}

void write_services(JsonWriter& writer, const HealthFacts& facts) {
  writer.member("database", facts.database ? "connected" : "disconnected");
  for (const auto& provider : facts.providers) writer.member(provider.name, provider.state);
  // README 003's clients look for these two.
  for (const std::string_view name : {"redis", "ollama"}) {
    const bool there = std::ranges::find(facts.providers, name, &HealthFacts::Provider::name) != facts.providers.end();
    if (!there) writer.member(name, "not configured");
  }
}

std::string health_json(const HealthFacts& facts, const Clock& clock) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("status", status_of(facts)).member("service", kService);
  writer.member("version", facts.version).member("timestamp", format_time(clock.wall()));
  writer.member("uptime_seconds", std::chrono::duration_cast<Seconds>(facts.uptime).count());
  writer.key("services").begin_object();
  write_services(writer, facts);
  writer.end_object().key("components").begin_object();
  writer.member("database", facts.database ? "healthy" : "unhealthy");
  writer.key("providers").begin_array();
  for (const auto& provider : facts.providers) {
    writer.begin_object().member("name", provider.name).member("state", provider.state);
    if (!provider.detail.empty()) writer.member("detail", provider.detail);
    writer.end_object();
  }
  writer.end_array().end_object().key("system").begin_object();
  writer.member("uptime", readable_uptime(facts.uptime));
  writer.member("memory_usage", fmt::format("{}MB", facts.memory_used.count / (1024 * 1024)));
  writer.member("available_models", facts.ready_models).end_object().end_object();
  return body;
}

Task<void> banner(ApiRequest& request, const SystemParts& parts) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object().member("name", "AI Orchestra").member("version", parts.version);
  writer.key("links").begin_object().member("docs", "/docs").member("openapi", "/openapi.json");
  writer.member("health", "/health").member("models", "/v1/models").member("chat", "/v1/chat/completions");
  writer.end_object().end_object();
  co_return co_await respond_json(request, 200, std::move(body));
}

Task<void> health(ApiRequest& request, const SystemParts& parts) {
  const HealthFacts facts = parts.health();
  const std::string& surface = request.http().surface;
  const bool sick = status_of(facts) == "unhealthy";
  if (!sick && surface == "000") co_return co_await respond_json(request, 200, R"({"status":"ok"})");
  if (!sick && surface == "001") {
    co_return co_await respond_json(request, 200, R"({"status":"ok","service":"ai-orchestrator"})");
  }
  co_return co_await respond_json(request, sick ? 503 : 200, health_json(facts, parts.clock));
}

}  // namespace

Task<void> respond_text(ApiRequest& request, std::string_view type, std::string body) {
  HttpResponse response{.status = 200, .content_type = std::string(type), .body = std::move(body), .fields = {}};
  response.fields.emplace_back("x-request-id", request.id.text());
  co_return co_await request.exchange.respond(std::move(response));
}

void add_system_routes(Router& router, std::shared_ptr<const SystemParts> parts) {
  const auto add_banner = [&](const char* method) {
    router.add_open(method, "/", [parts](ApiRequest& request) { return banner(request, *parts); });
  };
  add_banner("GET");
  add_banner("POST");
  for (const char* path : {"/health", "/api/v1/health", "/api/health"}) {
    router.add_open("GET", path, [parts](ApiRequest& request) { return health(request, *parts); });
  }
  router.add_open("GET", "/openapi.json", [parts](ApiRequest& request) {
    return respond_text(request, "application/json", std::string(parts->openapi_json));
  });
  for (const char* path : {"/docs", "/api/docs"}) {
    router.add_open("GET", path, [parts](ApiRequest& request) {
      return respond_text(request, "text/html; charset=utf-8", std::string(parts->docs_html));
    });
  }
}

}  // namespace orchestra
