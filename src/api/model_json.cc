#include "api/model_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/figures.h"
#include "api/model_lookup.h"
#include "api/model_words.h"
#include "base/ascii.h"
#include "base/secret.h"

namespace orchestra {
namespace {

const ModelCard kNoCard;
constexpr float kRefinerSeconds = 0.5F;
constexpr MicroUsd kRefinerPrice{5'000'000};  // per million tokens: 0.005 USD per thousand

const ModelCard& card_of(const Model& model) {
  return model.card ? *model.card : kNoCard;
}

void write_text_or_null(JsonWriter& writer, std::string_view name, std::string_view text) {
  writer.member(name, text.empty() ? std::nullopt : std::optional(text));
}
void write_time_or_null(JsonWriter& writer, std::string_view name, WallTime time) {
  write_text_or_null(writer, name, time == WallTime{} ? "" : format_time(time));
}
void write_list(JsonWriter& writer, std::string_view name, const std::vector<std::string>& items) {
  writer.key(name).begin_array();
  for (const std::string& item : items) writer.string(item);
  writer.end_array();
}
void write_object(JsonWriter& writer, std::string_view name, std::string_view json, std::string_view none) {
  writer.key(name).raw(json.empty() ? none : json);
}

std::optional<std::int64_t> count(const std::optional<Tokens>& tokens) {
  return tokens ? std::optional(tokens->count) : std::nullopt;
}
// Micro-dollars per million tokens, as dollars per thousand.
std::optional<double> per_thousand(const std::optional<MicroUsd>& price) {
  return price ? std::optional(static_cast<double>(price->count) / 1e9) : std::nullopt;
}

// The load state in the words of CONTRACTS 2.1.
std::string_view load_word(WorkerState state) {
  switch (state) {
    case WorkerState::kPlanned:
    case WorkerState::kReserved:
    case WorkerState::kLoading:
    case WorkerState::kWarming: return "loading";
    case WorkerState::kReady: return "ready";
    case WorkerState::kDraining:
    case WorkerState::kUnloading:
    case WorkerState::kReclaiming: return "unloading";
    case WorkerState::kFailed:
    case WorkerState::kQuarantined: return "error";
    case WorkerState::kCold: break;
  }
  return "not_loaded";
}

bool holds_memory(WorkerState state) {
  return state != WorkerState::kCold && state != WorkerState::kFailed && state != WorkerState::kQuarantined &&
         state != WorkerState::kPlanned;
}

void write_flags(JsonWriter& writer, const Model& model) {
  const ModelFlags flags = flags_of(model);
  writer.key("capabilities").begin_object();
  writer.member("text_generation", flags.text_generation).member("multimodal", flags.multimodal);
  writer.member("tool_use", flags.tool_use).member("long_context", flags.long_context);
  writer.member("streaming", flags.streaming).member("function_calling", flags.function_calling);
  writer.member("fast_inference", flags.fast_inference).end_object();
}

// 002's words in `capabilities`, how it can be done in `features`.
void write_words(JsonWriter& writer, const Model& model) {
  writer.key("capabilities").begin_array();
  for (const auto& [bit, name] : kCapabilityNames) {
    if (known_capabilities(model) & bit & kTaskCapabilities) writer.string(ascii_uppered(name));
  }
  writer.end_array().key("features").begin_array();
  for (const auto& [bit, name] : kCapabilityNames) {
    if (known_capabilities(model) & bit & ~kTaskCapabilities) writer.string(name);
  }
  writer.end_array().key("skills").begin_array();
  for (const auto& [bit, name] : kSkillNames) {
    if (card_of(model).skills & bit) writer.string(name);
  }
  writer.end_array();
}

void write_costs_and_limits(JsonWriter& writer, const Model& model) {
  const ModelCard& card = card_of(model);
  writer.key("costs").begin_object();
  writer.member("input_tokens_per_1k", per_thousand(model.price.input));
  writer.member("output_tokens_per_1k", per_thousand(model.price.output));
  writer.member("currency", card.currency).end_object().key("limits").begin_object();
  writer.member("max_context_tokens", count(model.context));
  writer.member("max_output_tokens", count(card.limits.output));
  writer.member("rate_limit_rpm", card.limits.requests_per_minute);
  writer.member("rate_limit_tpm", card.limits.tokens_per_minute);
  writer.end_object();
}

void write_dates(JsonWriter& writer, const ModelCard& card) {
  write_text_or_null(writer, "release_date", card.release_date);
  write_text_or_null(writer, "deprecation_date", card.deprecation_date);
  write_list(writer, "recommended_for", card.recommended_for);
  write_list(writer, "not_recommended_for", card.not_recommended_for);
}

}  // namespace

std::string model_uuid(const ModelId& id) {
  std::string hex = sha256_hex(id.text).substr(0, 32);
  hex[12] = '8';
  hex[16] = '8';
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

void write_load_status(JsonWriter& writer, std::string_view model_id, const WorkerView& worker, WallTime now) {
  const bool ready = worker.state == WorkerState::kReady;
  const double megabytes = rounded(static_cast<double>(worker.need.count) / (1024.0 * 1024.0));
  const bool on_gpu = worker.device.starts_with("gpu");
  writer.begin_object().member("model_id", model_id).member("loaded", ready).member("status", load_word(worker.state));
  writer.member("state", worker_state_name(worker.state));
  write_text_or_null(writer, "error", worker.error);
  writer.member("memory_usage", holds_memory(worker.state) && !on_gpu ? megabytes : 0.0);
  writer.member("gpu_usage", holds_memory(worker.state) && on_gpu ? megabytes : 0.0);
  writer.member("instances", ready ? 1 : 0).member("slots", worker.slots).member("in_flight", worker.in_flight);
  write_time_or_null(writer, "last_used", worker.last_used.value_or(WallTime{}));
  writer.member("uptime", ready ? std::optional(in_seconds(now - worker.since)) : std::nullopt);
  writer.key("load").begin_object().member("stage", worker.stage).member("percent", rounded(worker.fraction * 100.0));
  writer.end_object().end_object();
}

void write_remote_status(JsonWriter& writer, std::string_view model_id, bool offered) {
  writer.begin_object().member("model_id", model_id).member("loaded", offered);
  writer.member("status", offered ? "ready" : "not_loaded").member("instances", offered ? 1 : 0).end_object();
}

ModelWriter::ModelWriter(const ModelScene& scene)
    : scene_(scene),
      catalogue_(scene.snapshots.catalogue),
      fleet_(scene.snapshots.fleet),
      performance_(scene.snapshots.performance),
      providers_(scene.providers()),
      now_(scene.clock.wall()) {}

const WorkerView* ModelWriter::worker(const Model& model) const {
  return model.local && fleet_ ? fleet_->find(model.id) : nullptr;
}

ModelWriter::Figures ModelWriter::figures(std::size_t model) const {
  const Estimate& measured = measured_of(*catalogue_, performance_.get(), model);
  const ClaimedPerformance& claimed = card_of(catalogue_->models[model]).claimed;
  Figures shown{.samples = measured.success.samples};
  const auto show = [&](std::optional<double>& out, const Figure& figure, const std::optional<double>& claim) {
    if (figure.samples > 0) {
      out = rounded(static_cast<double>(figure.value));
    } else if (claim) {
      out = claim;
      shown.claimed = true;
    }
  };
  show(shown.first_content, measured.first_content, claimed.first_content.transform(in_seconds));
  show(shown.completion, measured.completion, claimed.completion.transform(in_seconds));
  show(shown.success, measured.success, claimed.success_rate);
  show(shown.quality, measured.quality, claimed.quality);
  show(shown.tokens_per_second, measured.tokens_per_second, claimed.tokens_per_second);
  return shown;
}

ModelProfile ModelWriter::profile(std::size_t model) const {
  return profile_of(catalogue_->models[model], measured_of(*catalogue_, performance_.get(), model));
}

void ModelWriter::write_id(JsonWriter& writer, std::size_t model) const {
  writer.member("model_id", shortest_name(*catalogue_, model)).member("full_id", catalogue_->models[model].id.text);
}

// README 001's block.
void ModelWriter::write_file_facts(JsonWriter& writer, const Model& model) const {
  const ModelCard& card = card_of(model);
  const std::string_view name = model.display_name.empty() ? model.id.name() : std::string_view(model.display_name);
  writer.member("name", name).member("type", type_of(model));
  write_text_or_null(writer, "description", card.description);
  writer.member("version", card.version.empty() ? "1.0" : card.version);
  std::optional<double> size = card.megabytes, parameters = card.million_parameters;
  if (model.facts && !size) size = rounded(static_cast<double>(model.facts->file_size.count) / (1024.0 * 1024.0));
  if (model.facts && !parameters) parameters = static_cast<double>(model.facts->parameters) / 1e6;
  writer.member("size", size);
  writer.member("parameters", parameters);
  writer.member("context_length", count(model.context));
  const bool stated = card.quantization.empty() && model.facts;
  write_text_or_null(writer, "quantization", stated ? model.facts->quantization : card.quantization);
  writer.member("supports_gpu", card.on_gpu).member("supports_cpu", card.on_cpu);
  write_list(writer, "tags", card.tags);
}

void ModelWriter::write_status_object(JsonWriter& writer, std::size_t index) const {
  const Model& model = catalogue_->models[index];
  const std::string_view name = shortest_name(*catalogue_, index);
  if (model.local) {
    const WorkerView* found = worker(model);
    write_load_status(writer, name, found ? *found : WorkerView{}, now_);
    return;
  }
  write_remote_status(writer, name, model.offered);
}

void ModelWriter::write_figures(JsonWriter& writer, std::size_t model) const {
  const Figures shown = figures(model);
  const auto millis = [](const std::optional<double>& value) {
    return value ? std::optional(rounded(*value * 1000)) : std::nullopt;
  };
  writer.key("performance").begin_object();
  writer.member("avg_ttft_ms", millis(shown.first_content));
  writer.member("avg_completion_ms", millis(shown.completion));
  writer.member("success_rate", shown.success);
  writer.member("quality_score", shown.quality);
  writer.member("tokens_per_second", shown.tokens_per_second);
  writer.member("samples", rounded(static_cast<double>(shown.samples)));
  write_text_or_null(writer, "source", shown.samples > 0 ? "measured" : shown.claimed ? "claimed" : "");
  writer.end_object();
}

const HealthFacts::Provider* ModelWriter::provider(const Model& model) const {
  const auto found = std::ranges::find(providers_, model.id.provider(), &HealthFacts::Provider::name);
  return found == providers_.end() ? nullptr : &*found;
}

std::string_view ModelWriter::health_status(const Model& model, const HealthFacts::Provider* provider) const {
  if (!model.offered) return "unknown";  // its provider is not set up here: nobody asks it
  const ModelPulse pulse = scene_.pulse(model.id);
  if (!pulse.closed) return "unhealthy";
  if (const WorkerView* found = worker(model); found && load_word(found->state) == "error") return "unhealthy";
  if (provider && (provider->state == "unreachable" || provider->state == "key refused")) return "unhealthy";
  if (provider && provider->state == "not asked yet") return "unknown";
  return pulse.success_permille < 900 ? "degraded" : "healthy";
}

std::string_view ModelWriter::health_of(std::size_t index) const {
  const Model& model = catalogue_->models[index];
  return health_status(model, provider(model));
}

void ModelWriter::write_health(JsonWriter& writer, std::size_t index) const {
  const Model& model = catalogue_->models[index];
  const HealthFacts::Provider* seen = provider(model);
  const Estimate* measured = performance_ ? performance_->provider(model.id.provider()) : nullptr;
  const Figures shown = figures(index);
  writer.key("health").begin_object().member("status", health_status(model, seen));
  write_time_or_null(writer, "last_check", model.local ? now_ : seen ? seen->since : WallTime{});
  std::optional<double> up;
  if (measured && measured->success.samples > 0) up = rounded(static_cast<double>(measured->success.value) * 100);
  writer.member("uptime_percentage", up);
  writer.member("error_rate", shown.samples > 0 ? std::optional(rounded(1 - *shown.success)) : std::nullopt);
  writer.end_object();
}

void ModelWriter::write_001(JsonWriter& writer, std::size_t index) const {
  const Model& model = catalogue_->models[index];
  writer.begin_object();
  write_id(writer, index);
  write_file_facts(writer, model);
  write_object(writer, "metadata", card_of(model).metadata, "{}");
  writer.key("status");
  write_status_object(writer, index);
  writer.end_object();
}

void ModelWriter::write_002(JsonWriter& writer, std::size_t index) const {
  const Model& model = catalogue_->models[index];
  const ModelCard& card = card_of(model);
  writer.begin_object().member("id", model_uuid(model.id));
  write_id(writer, index);
  writer.member("provider", ascii_uppered(model.id.provider()));
  write_words(writer, model);
  writer.member("status", status_of(model)).member("lifecycle", maturity_name(card.maturity));
  writer.member("display_name", model.display_name.empty() ? model.id.name() : std::string_view(model.display_name));
  write_file_facts(writer, model);
  writer.member("max_tokens", count(card.limits.output));
  writer.member("token_limit", count(model.context));
  writer.member("cost_per_token", card.cost_per_token);
  write_object(writer, "metadata", card.metadata, "{}");
  write_object(writer, "configuration", card.configuration, "null");
  write_time_or_null(writer, "created_at", card.created);
  write_time_or_null(writer, "updated_at", card.updated);
  write_text_or_null(writer, "model_family", card.family);
  write_figures(writer, index);
  write_costs_and_limits(writer, model);
  write_health(writer, index);
  write_dates(writer, card);
  writer.member("local", model.local).member("offered", model.offered).member("registered", card.registered);
  writer.key("load_status");
  write_status_object(writer, index);
  writer.end_object();
}

void ModelWriter::write_004(JsonWriter& writer, std::size_t index) const {
  const Model& model = catalogue_->models[index];
  const ModelCard& card = card_of(model);
  writer.begin_object();
  write_id(writer, index);
  writer.member("provider", model.id.provider());
  writer.member("model_family", card.family.empty() ? model.id.name() : std::string_view(card.family));
  writer.member("version", card.version.empty() ? "1.0" : card.version).member("status", maturity_name(card.maturity));
  write_flags(writer, model);
  write_figures(writer, index);
  write_costs_and_limits(writer, model);
  write_health(writer, index);
  writer.key("metadata").begin_object();
  write_dates(writer, card);
  writer.end_object().member("offered", model.offered).end_object();
}

bool ModelWriter::is_refiner(std::size_t index) const {
  const Model& model = catalogue_->models[index];
  const ModelCard& card = card_of(model);
  if (!card.fast || !card.active || !model.offered || !flags_of(model).text_generation) return false;
  if (model.local) {
    const WorkerView* found = worker(model);
    return found && found->state == WorkerState::kReady;
  }
  const auto first_content = figures(index).first_content;
  return first_content && *first_content <= kRefinerSeconds && model.price.input && *model.price.input <= kRefinerPrice;
}

}  // namespace orchestra
