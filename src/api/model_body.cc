#include "api/model_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "api/model_words.h"
#include "base/ascii.h"

namespace orchestra {
namespace {

constexpr double kLargest = 1e12;
constexpr double kLargestThousand = 100;  // USD per 1,000 tokens

std::unexpected<Error> refuse(std::string_view field, std::string what) {
  return fail(Error{.fault = Fault::kUnprocessable, .what = std::move(what), .param = std::string(field)});
}

// Reads the members of one object; the first thing that is wrong is kept.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  const json::value* find(std::string_view key) {
    known_.push_back(key);
    const json::value* value = object_.if_contains(key);
    return value && !value->is_null() ? value : nullptr;
  }
  void text(std::string_view key, std::string& out) {
    const json::value* value = find(key);
    if (!value) return;
    if (!value->is_string()) return wrong(key, "a text");
    out = value->get_string();
  }
  std::optional<double> number(std::string_view key, double largest) {
    const json::value* value = find(key);
    if (!value) return std::nullopt;
    boost::system::error_code error;
    const double read = value->is_number() ? value->to_number<double>(error) : -1;
    if (value->is_number() && !error && std::isfinite(read) && read >= 0 && read <= largest) return read;
    wrong(key, fmt::format("a finite number from 0 to {}", largest));
    return std::nullopt;
  }
  template <class T>
  void number(std::string_view key, std::optional<T>& out, double largest) {
    if (const auto read = number(key, largest)) out = T(*read);
  }
  template <class T>
  void whole(std::string_view key, std::optional<T>& out) {
    const auto read = number(key, kLargest);
    if (!read) return;
    if (*read != std::floor(*read)) return wrong(key, "a whole number");
    out = T(static_cast<std::int64_t>(*read));
  }
  void millis(std::string_view key, std::optional<Micros>& out) {
    if (const auto read = number(key, 86'400'000)) out = Micros(std::llround(*read * 1000));
  }
  void dollars(std::string_view key, std::optional<MicroUsd>& out) {
    if (const auto read = number(key, kLargestThousand)) out = MicroUsd(std::llround(*read * 1e9));
  }
  void flag(std::string_view key, std::optional<bool>& out) {
    const json::value* value = find(key);
    if (!value) return;
    if (!value->is_bool()) return wrong(key, "true or false");
    out = value->get_bool();
  }
  std::optional<std::vector<std::string>> texts(std::string_view key) {
    const json::value* value = find(key);
    if (!value) return std::nullopt;
    std::vector<std::string> out;
    const json::array* items = value->if_array();
    for (const json::value& item : items ? *items : json::array()) {
      if (item.is_string()) out.emplace_back(std::string_view(item.get_string()));
    }
    if (items && out.size() == items->size()) return out;
    wrong(key, "a list of texts");
    return std::nullopt;
  }
  void texts(std::string_view key, std::optional<std::vector<std::string>>& out) {
    if (auto read = texts(key)) out = std::move(read);
  }
  const json::object* object(std::string_view key) {
    const json::value* value = find(key);
    if (value && !value->is_object()) wrong(key, "an object");
    return value ? value->if_object() : nullptr;
  }
  template <class Set, class Names>
  void bits(std::string_view key, std::optional<Set>& out, const Names& names, Set within) {
    const auto words = texts(key);
    if (!words) return;
    Set set = 0;
    for (const std::string& word : *words) {
      const auto found = std::ranges::find_if(
          names, [&](const auto& one) { return (one.first & within) != 0 && ascii_lowered(word) == one.second; });
      if (found != names.end()) {
        set = static_cast<Set>(set | found->first);
        continue;
      }
      std::vector<std::string_view> allowed;
      for (const auto& [bit, name] : names) {
        if (bit & within) allowed.push_back(name);
      }
      wrong(key, fmt::format("a list of these words: {}; '{:.40}' is none of them", fmt::join(allowed, ", "), word));
    }
    out = set;
  }

  void wrong(std::string_view key, std::string_view wanted) {
    if (!problem_) problem_ = refuse(key, fmt::format("{} must be {}.", key, wanted)).error();
  }
  void absorb(const Result<void>& result) {
    if (!result && !problem_) problem_ = result.error();
  }
  // Refuses members that nobody asked for.
  Result<void> finish() {
    for (const auto& [key, value] : object_) {
      if (std::ranges::find(known_, std::string_view(key)) != known_.end() || problem_) continue;
      problem_ = refuse(key, fmt::format("The field {:.60} is not known here.", std::string_view(key))).error();
    }
    return problem_ ? Result<void>(fail(*problem_)) : Result<void>();
  }

 private:
  const json::object& object_;
  std::vector<std::string_view> known_;
  std::optional<Error> problem_;
};

// README 002's list of words, in which those of 003 and 004 may stand too; `long_context` follows from the window.
void read_capability_words(Fields& fields, ModelRecord& record) {
  const auto words = fields.texts("capabilities");
  if (!words) return;
  CapabilityWord all;
  for (const std::string& word : *words) {
    const auto meant = capability_of(word);
    if (!meant) {
      return fields.wrong("capabilities", fmt::format("a list of these words: {}; '{:.40}' is none of them",
                                                      fmt::join(capability_words(), ", "), word));
    }
    all.capabilities |= meant->capabilities;
    all.skills = static_cast<Skills>(all.skills | meant->skills);
    all.fast = all.fast || meant->fast;
  }
  const Capabilities tasks = all.capabilities & kTaskCapabilities, features = all.capabilities & ~kTaskCapabilities;
  if (tasks == 0) return fields.wrong("capabilities", "a list with at least one task, such as CHAT");
  record.tasks = tasks;
  if (features != 0) record.features = features | kCanStream;
  if (all.skills != 0) record.skills = all.skills;
  if (all.fast) record.fast = true;
}

// README 002's list of words, or 004's object of flags.
void read_capabilities(Fields& fields, ModelRecord& record) {
  const json::value* value = fields.find("capabilities");
  if (!value) return;
  if (!value->is_object()) return read_capability_words(fields, record);
  Fields flags(value->get_object());
  std::optional<bool> text, multimodal, tools, calling, streaming, long_context;
  flags.flag("text_generation", text);
  flags.flag("multimodal", multimodal);
  flags.flag("tool_use", tools);
  flags.flag("function_calling", calling);
  flags.flag("streaming", streaming);
  flags.flag("long_context", long_context);  // the window says it
  flags.flag("fast_inference", record.fast);
  fields.absorb(flags.finish());
  Capabilities features = 0;
  if (multimodal.value_or(false)) features |= kCanSeeImages;
  if (tools.value_or(false) || calling.value_or(false)) features |= kCanUseTools;
  if (streaming.value_or(true)) features |= kCanStream;
  record.features = features;
  if (text) record.tasks = *text ? kCanChat | kCanComplete : 0U;
}

// README 002's ACTIVE, INACTIVE, DEPRECATED, or 004's words.
void read_status(Fields& fields, ModelRecord& record) {
  const json::value* value = fields.find("status");
  if (!value || value->is_object()) return;
  std::string word;
  fields.text("status", word);
  const std::string low = ascii_lowered(word);
  if (low == "active" || low == "inactive") {
    record.active = low == "active";
  } else if (const auto maturity = parse_maturity(low)) {
    record.maturity = maturity;
  } else {
    fields.wrong("status", fmt::format("one of {}", fmt::join(status_words(), ", ")));
  }
}

void read_dates(Fields& fields, ModelRecord& record) {
  fields.text("release_date", record.release_date);
  fields.text("deprecation_date", record.deprecation_date);
  fields.texts("recommended_for", record.recommended_for);
  fields.texts("not_recommended_for", record.not_recommended_for);
}

void read_metadata(Fields& fields, ModelRecord& record) {
  read_dates(fields, record);
  if (const json::object* metadata = fields.object("metadata")) {
    record.metadata = json::serialize(*metadata);
    Fields inside(*metadata);
    read_dates(inside, record);
  }
  if (const json::object* configuration = fields.object("configuration")) {
    record.configuration = json::serialize(*configuration);
  }
}

void read_nested(Fields& fields, ModelRecord& record) {
  if (const json::object* object = fields.object("costs")) {
    Fields costs(*object);
    costs.dollars("input_tokens_per_1k", record.price.input);
    costs.dollars("output_tokens_per_1k", record.price.output);
    costs.text("currency", record.currency);
    fields.absorb(costs.finish());
  }
  if (const json::object* object = fields.object("performance")) {
    Fields claimed(*object);
    claimed.millis("avg_ttft_ms", record.claimed.first_content);
    claimed.millis("avg_completion_ms", record.claimed.completion);
    claimed.number("tokens_per_second", record.claimed.tokens_per_second, 1e6);
    claimed.number("success_rate", record.claimed.success_rate, 1);
    claimed.number("quality_score", record.claimed.quality, 1);
    claimed.find("samples");
    std::string source;
    claimed.text("source", source);
    fields.absorb(claimed.finish());
    // What GET answered, sent back: figures that were measured are nobody's claim.
    if (source == "measured") record.claimed = {};
  }
  if (const json::object* object = fields.object("limits")) {
    Fields limits(*object);
    limits.whole("max_context_tokens", record.context);
    limits.whole("max_output_tokens", record.limits.output);
    limits.whole("rate_limit_rpm", record.limits.requests_per_minute);
    limits.whole("rate_limit_tpm", record.limits.tokens_per_minute);
    fields.absorb(limits.finish());
  }
}

void read_plain(Fields& fields, ModelRecord& record) {
  fields.text("name", record.display_name);
  fields.text("display_name", record.display_name);
  fields.text("description", record.description);
  fields.text("type", record.type);
  fields.text("version", record.version);
  fields.text("model_family", record.family);
  fields.text("quantization", record.quantization);
  fields.number("size", record.megabytes, kLargest);
  fields.number("parameters", record.million_parameters, kLargest);
  fields.whole("context_length", record.context);
  fields.whole("token_limit", record.context);
  fields.whole("max_tokens", record.limits.output);
  fields.flag("supports_gpu", record.on_gpu);
  fields.flag("supports_cpu", record.on_cpu);
  fields.texts("tags", record.tags);
  fields.number("cost_per_token", record.cost_per_token, 0.1);
}

}  // namespace

Result<ModelRecord> read_model_fields(const json::object& body) {
  ModelRecord record;
  Fields fields(body);
  read_plain(fields, record);
  if (record.cost_per_token) {
    record.price.input = record.price.output = MicroUsd(std::llround(*record.cost_per_token * 1e12));
  }
  read_nested(fields, record);
  read_capabilities(fields, record);
  fields.bits<Capabilities>("features", record.features, kCapabilityNames, ~kTaskCapabilities);
  fields.bits<Skills>("skills", record.skills, kSkillNames, static_cast<Skills>(~0U));
  fields.flag("fast_inference", record.fast);
  std::string lifecycle;
  fields.text("lifecycle", lifecycle);
  if (!lifecycle.empty()) {
    record.maturity = parse_maturity(lifecycle);
    if (!record.maturity) fields.wrong("lifecycle", fmt::format("one of {}", fmt::join(kMaturityNames, ", ")));
  }
  read_status(fields, record);
  read_metadata(fields, record);
  // Read by the resource, or set by the server alone.
  for (const char* key : {"model_id", "provider", "id", "full_id", "created_at", "updated_at", "health", "load_status",
                          "local", "offered", "registered"}) {
    fields.find(key);
  }
  TRY_VOID(fields.finish());
  return record;
}

}  // namespace orchestra
