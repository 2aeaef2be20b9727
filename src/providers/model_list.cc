#include "providers/model_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "base/json.h"

namespace orchestra {
namespace {

constexpr std::size_t kListLimit = 16 * 1024 * 1024;
constexpr std::size_t kNameLimit = 200;

bool usable_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameLimit &&
         std::ranges::none_of(name, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
}

bool holds_any(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [name](std::string_view word) { return name.contains(word); });
}

// Lists name everything a service sells, and not what it is for: `auto` must not take a transcriber for a chat model.
// Null where the name does not say.
std::optional<Capabilities> capabilities_by_name(std::string_view name) {
  if (holds_any(name, {"embed", "bge-", "e5-", "minilm"})) return kCanEmbed;
  if (holds_any(name, {"whisper", "-transcribe", "tts-1", "-tts"})) return kCanHearAudio;
  if (holds_any(name, {"dall-e", "gpt-image", "imagen", "flux", "stable-diffusion"})) return kCanMakeImages;
  if (holds_any(name, {"sora-2", "moderation", "gpt-realtime", "-realtime-preview"})) return kCanSeeImages;
  if (name == "babbage-002" || name == "davinci-002") return kCanComplete | kCanStream;
  return std::nullopt;
}

std::optional<Tokens> context_of(const json::value& entry) {
  for (std::string_view key : {"context_length", "max_model_len", "context_window", "max_context_length"}) {
    if (const auto tokens = find_int(entry, key); tokens && *tokens > 0) return Tokens(*tokens);
  }
  return std::nullopt;
}

Model read_entry(const UpstreamService& service, const json::value& entry, std::string_view name) {
  Model model = listed_model(service, name);
  model.context = context_of(entry);
  model.created = find_int(entry, "created").value_or(0);
  model.display_name = std::string(find_string(entry, "display_name").value_or(""));
  return model;
}

std::string_view list_path(const UpstreamService& service) {
  if (service.dialect == Dialect::kOllama) return "/api/tags";
  return service.dialect == Dialect::kAnthropic ? "/v1/models?limit=1000" : "/models";
}

}  // namespace

Model listed_model(const UpstreamService& service, std::string_view name) {
  Model model;
  model.id.text = fmt::format("{}/{}", service.name, name);
  model.dialect = service.dialect;
  const auto named = capabilities_by_name(name);
  model.features_assumed = !named;
  model.capabilities = named.value_or(kCanChat | kCanComplete | kUnknownFeatures);
  // The Messages API knows chat alone, and no sound.
  constexpr Capabilities kNotAnthropic = kCanComplete | kCanEmbed | kCanHearAudio;
  if (service.dialect == Dialect::kAnthropic) model.capabilities &= static_cast<Capabilities>(~kNotAnthropic);
  return model;
}

Result<std::vector<Model>> parse_model_list(const UpstreamService& service, std::string_view body) {
  TRY(const json::value list, parse_json(body));
  const json::array* entries = list.if_array();
  for (std::string_view key : {"data", "models"}) {
    if (const auto* member = find(list, key); member && !entries) entries = member->if_array();
  }
  if (!entries)
    return fail(Fault::kUpstream, fmt::format("{} answered its model list in an unknown shape.", service.name));
  std::vector<Model> models;
  for (const json::value& entry : *entries) {
    auto name = service.dialect == Dialect::kOllama ? find_string(entry, "name") : find_string(entry, "id");
    if (name && name->starts_with(service.list_prefix)) name->remove_prefix(service.list_prefix.size());
    if (name && usable_name(*name)) models.push_back(read_entry(service, entry, *name));
  }
  return models;
}

Task<std::vector<Model>> fetch_model_list(HttpClient& client, const Clock& clock, const UpstreamService& service,
                                          Micros within) {
  std::string target = service.base_path + std::string(list_path(service));
  if (service.deployment_paths) target = service.base_path + "/openai/models";
  if (!service.query.empty()) target += "?" + service.query;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  for (const auto& [name, value] : service.plain_fields) fields.emplace_back(name, value);
  for (const auto& [name, value] : service.secret_fields) fields.emplace_back(name, value.reveal());
  const TimePoint by = clock.now() + within;
  const ClientRequest request{.endpoint = service.endpoint,
                              .method = "GET",
                              .target = target,
                              .fields = fields,
                              .connect_within = within,
                              .head_by = by};
  CO_TRY(const auto response, co_await client.send(request));
  CO_TRY(const std::string body, co_await read_all(*response, kListLimit, by));
  if (response->status() != 200) {
    co_return fail(upstream_error(service, response->status(), response->fields(), body));
  }
  co_return parse_model_list(service, body);
}

}  // namespace orchestra
