#include "registry/record_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace orchestra {
namespace {

// CONTRACTS 6.2: literal paths beside {model_id}.
constexpr std::array<std::string_view, 11> kReserved = {"chat",     "completion", "embedding", "image",
                                                        "audio",    "stable",     "refiners",  "capability",
                                                        "provider", "load",       "unload"};
constexpr std::array<std::string_view, 3> kReservedHeads = {"audio/", "capability/", "provider/"};
constexpr std::array<std::string_view, 6> kReservedTails = {
    "/load", "/unload", "/status", "/versions", "/versions/activate", "/usage"};
constexpr std::size_t kLongestName = 100, kLongestText = 200, kLongestProse = 4000, kLongestJson = 16 * 1024,
                      kLongestList = 50;
constexpr std::size_t kMostVersions = 1000;
constexpr double kLargestPrice = 1e11;  // micro-dollars per million tokens: 100,000 dollars
constexpr double kLargestCount = 1e12;

std::unexpected<Error> refuse(std::string_view field, std::string what) {
  return fail(Error{.fault = Fault::kUnprocessable, .what = std::move(what), .param = std::string(field)});
}

bool is_provider_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool is_shadowed(std::string_view name) {
  return std::ranges::find(kReserved, name) != kReserved.end() ||
         std::ranges::any_of(kReservedHeads, [&](std::string_view head) { return name.starts_with(head); }) ||
         std::ranges::any_of(kReservedTails, [&](std::string_view tail) { return name.ends_with(tail); });
}

Result<void> check_id(const ModelId& id) {
  const std::string_view provider = id.provider();
  if (provider.empty() || provider.size() == id.text.size() || !std::ranges::all_of(provider, is_provider_letter)) {
    return refuse("provider", "The provider is a word of a-z, 0-9, '.', '_' and '-', such as openai.");
  }
  const std::string_view name = id.name();
  const bool blank = std::ranges::any_of(name, [](unsigned char c) { return c <= 0x20 || c == 0x7F; });
  if (name.empty() || blank || name.size() > kLongestName) {
    return refuse("model_id", "The model_id is a name without blanks, at most 100 bytes long.");
  }
  if (is_shadowed(name)) {
    return refuse("model_id", fmt::format("'{}' is a path of this server, so no model can have that name. Reserved are "
                                          "{}, names that begin with audio/, capability/ or provider/, and names that "
                                          "end in /load, /unload, /status, /versions or /usage.",
                                          name, fmt::join(kReserved, ", ")));
  }
  return {};
}

Result<void> check_number(std::string_view field, std::optional<double> value, double largest) {
  if (!value || (std::isfinite(*value) && *value >= 0 && *value <= largest)) return {};
  return refuse(field, fmt::format("{} must be a finite number from 0 to {}.", field, largest));
}

std::optional<double> number(const auto& amount) {
  return amount ? std::optional(static_cast<double>(amount->count)) : std::nullopt;
}
std::optional<double> plain(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

Result<void> check_numbers(const ModelRecord& record) {
  const Price& price = record.price;
  for (const auto& one : {price.input, price.output, price.cached_input, price.cache_write, price.reasoning,
                          price.audio_input, price.audio_output}) {
    TRY_VOID(check_number("costs", number(one), kLargestPrice));
  }
  TRY_VOID(check_number("cost_per_token", record.cost_per_token, 0.1));
  TRY_VOID(check_number("context_length", number(record.context), kLargestCount));
  TRY_VOID(check_number("size", record.megabytes, kLargestCount));
  TRY_VOID(check_number("parameters", record.million_parameters, kLargestCount));
  const ClaimedPerformance& claimed = record.claimed;
  TRY_VOID(check_number("avg_ttft_ms", claimed.first_content.transform(in_seconds), 86'400));
  TRY_VOID(check_number("avg_completion_ms", claimed.completion.transform(in_seconds), 86'400));
  TRY_VOID(check_number("tokens_per_second", claimed.tokens_per_second, 1e6));
  TRY_VOID(check_number("success_rate", claimed.success_rate, 1));
  TRY_VOID(check_number("quality_score", claimed.quality, 1));
  TRY_VOID(check_number("max_output_tokens", number(record.limits.output), kLargestCount));
  TRY_VOID(check_number("rate_limit_rpm", plain(record.limits.requests_per_minute), kLargestCount));
  return check_number("rate_limit_tpm", plain(record.limits.tokens_per_minute), kLargestCount);
}

Result<void> check_length(std::string_view field, std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return {};
  return refuse(field, fmt::format("{} is longer than {} bytes.", field, longest));
}

Result<void> check_list(std::string_view field, const std::optional<std::vector<std::string>>& list) {
  if (!list) return {};
  if (list->size() > kLongestList) return refuse(field, fmt::format("{} has more than {} items.", field, kLongestList));
  for (const std::string& item : *list) TRY_VOID(check_length(field, item, kLongestText));
  return {};
}

Result<void> check_date(std::string_view field, std::string_view date) {
  if (date.empty()) return {};
  bool good = date.size() == 10;
  for (std::size_t i = 0; good && i < date.size(); ++i) {
    good = i == 4 || i == 7 ? date[i] == '-' : date[i] >= '0' && date[i] <= '9';
  }
  if (good) return {};
  return refuse(field, fmt::format("{} must be a date such as 2026-01-31.", field));
}

Result<void> check_texts(const ModelRecord& record) {
  for (const auto& [field, text] : {std::pair<std::string_view, std::string_view>{"display_name", record.display_name},
                                    {"model_family", record.family},
                                    {"version", record.version},
                                    {"currency", record.currency},
                                    {"quantization", record.quantization}}) {
    TRY_VOID(check_length(field, text, kLongestText));
  }
  TRY_VOID(check_length("description", record.description, kLongestProse));
  TRY_VOID(check_length("metadata", record.metadata, kLongestJson));
  TRY_VOID(check_length("configuration", record.configuration, kLongestJson));
  TRY_VOID(check_list("tags", record.tags));
  TRY_VOID(check_list("recommended_for", record.recommended_for));
  TRY_VOID(check_list("not_recommended_for", record.not_recommended_for));
  TRY_VOID(check_date("release_date", record.release_date));
  TRY_VOID(check_date("deprecation_date", record.deprecation_date));
  constexpr std::array<std::string_view, 5> kTypes = {"", "llm", "vision", "audio", "multimodal"};
  if (std::ranges::find(kTypes, record.type) != kTypes.end()) return {};
  return refuse("type", "type must be one of llm, vision, audio and multimodal.");
}

bool leaves_folder(std::string_view path) {
  if (path.starts_with('/') || path.contains('\\') || path.contains('\0')) return true;
  return ("/" + std::string(path) + "/").contains("/../");
}

Result<void> check_versions(const ModelRecord& record) {
  if (record.versions.size() > kMostVersions) {
    return refuse("version", fmt::format("A model has at most {} versions.", kMostVersions));
  }
  for (const ModelVersion& version : record.versions) {
    if (version.version.empty()) return refuse("version", "The version is a text that is not empty.");
    TRY_VOID(check_length("version", version.version, kLongestText));
    TRY_VOID(check_length("path", version.path, kLongestProse));
    if (leaves_folder(version.path)) {
      return refuse("path", "The path is relative to the model folder and does not leave it.");
    }
  }
  return {};
}

}  // namespace

Result<void> check_record(const ModelRecord& record) {
  TRY_VOID(check_id(record.id));
  TRY_VOID(check_numbers(record));
  TRY_VOID(check_texts(record));
  return check_versions(record);
}

}  // namespace orchestra
