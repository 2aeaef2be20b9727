#include "settings/hybrid_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace orchestra::settings {
namespace {

constexpr std::string_view kLocal = "local";
constexpr std::string_view kApertium = "apertium";
constexpr std::array<std::string_view, 5> kSpeechEngines = {"whisper", "pocketsphinx", "espeak", "flite", "google"};
constexpr std::int64_t kLongestMillis = 600'000;
constexpr Micros kSpeechTimeout = std::chrono::milliseconds(3000);

enum class ServiceKind : std::uint8_t { kSpeech, kReason, kTranslate };

// `name` is `stem`, or goes on with what is no letter: openai_stt begins with openai, openair does not.
bool begins_with(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem)) return false;
  if (name.size() == stem.size()) return true;
  const char next = name[stem.size()];
  return next == '_' || next == '-' || next == '.';
}

// Who may be named, and what the names of one kind of service stand for.
class Names {
 public:
  Names(const PolicyContext& context, ServiceKind kind)
      : providers_(context.providers), kind_(kind), shipped_(context.shipped) {}

  // The provider that `name` begins with; the longest of several, "local" for this machine's models.
  std::string_view provider_of(std::string_view name) const {
    std::string_view best = begins_with(name, kLocal) ? kLocal : std::string_view();
    for (const Provider& provider : providers_) {
      if (begins_with(name, provider.name) && provider.name.size() > best.size()) best = provider.name;
    }
    return best;
  }
  const Provider* find(std::string_view name) const {
    const auto found = std::ranges::find(providers_, name, &Provider::name);
    return found == providers_.end() ? nullptr : &*found;
  }
  bool is_apertium(std::string_view name) const {
    return kind_ == ServiceKind::kTranslate && begins_with(name, kApertium);
  }
  // Google's Cloud Translation, and none of Google's chat models.
  bool is_cloud_translation(std::string_view name) const {
    return kind_ == ServiceKind::kTranslate && begins_with(name, "google") &&
           name.find("translat") != std::string_view::npos;
  }
  bool is_speech_engine(std::string_view name) const {
    return std::ranges::any_of(kSpeechEngines,
                               [name](std::string_view engine) { return name.find(engine) != std::string_view::npos; });
  }
  bool is_speech(std::string_view name) const {
    return kind_ == ServiceKind::kSpeech && (is_speech_engine(name) || !provider_of(name).empty());
  }
  bool shipped() const { return shipped_; }
  bool speech() const { return kind_ == ServiceKind::kSpeech; }
  std::vector<std::string> allowed() const {
    std::vector<std::string> names{std::string(kLocal)};
    if (kind_ == ServiceKind::kTranslate) names.emplace_back(kApertium);
    if (speech()) names.insert(names.end(), kSpeechEngines.begin(), kSpeechEngines.end());
    for (const Provider& provider : providers_) names.push_back(provider.name);
    std::ranges::sort(names);
    return names;
  }

 private:
  const std::vector<Provider>& providers_;
  const ServiceKind kind_;
  const bool shipped_;
};

void need(HybridProvider& entry, std::string_view provider, const Names& names) {
  const Provider* found = names.find(provider);
  if (found != nullptr && !found->enabled) {
    entry.unavailable = fmt::format("The provider {} is not available. {}", provider, found->why);
  }
}

// Where a model's entry leads. False when its name and model lead nowhere.
bool resolve_model(HybridProvider& entry, const Names& names) {
  const std::string_view by_name = names.provider_of(entry.name);
  const std::string_view model = entry.model;
  if (model.empty() || model == "auto") {
    if (model.empty() && by_name.empty()) return false;
    entry.ask = "auto";
    entry.only = by_name.empty() ? (entry.local ? kLocal : std::string_view()) : by_name;
    need(entry, entry.only, names);
    return true;
  }
  const std::string_view prefix = model.find('/') == std::string_view::npos ? "" : model.substr(0, model.find('/'));
  const bool full = prefix == kLocal || names.find(prefix) != nullptr;
  if (!full && by_name.empty() && !prefix.empty()) return false;
  entry.ask = full || by_name.empty() ? std::string(model) : fmt::format("{}/{}", by_name, model);
  if (full) need(entry, prefix, names);
  if (!full && !by_name.empty()) need(entry, by_name, names);
  return true;
}

void resolve(Section& section, const Node& node, HybridProvider& entry, const Names& names) {
  if (names.is_apertium(entry.name)) {
    entry.engine = HybridEngine::kApertium;
    if (!entry.local) section.complain(node, "name", "Apertium runs on this machine: its place is under 'local'.");
    return;
  }
  if (names.speech() && names.is_speech(entry.name)) {
    entry.engine = HybridEngine::kSpeech;
    if (!names.is_speech_engine(entry.name)) need(entry, names.provider_of(entry.name), names);
    return;
  }
  if (names.is_cloud_translation(entry.name) && (entry.model.empty() || entry.model == "auto")) {
    section.complain(node, "name",
                     fmt::format("'{:.60}' stands for Google's Cloud Translation, which is not there yet. Use apertium "
                                 "in its place, or a chat provider, such as {{name: google, model: gemini-2.5-flash}}.",
                                 entry.name));
    return;
  }
  if (!names.speech() && resolve_model(entry, names)) return;
  if (names.shipped()) {
    entry.unavailable = "Its provider is not set up.";
    return;
  }
  const auto allowed = names.allowed();
  section.complain(node, entry.model.empty() || names.speech() ? "name" : "model",
                   fmt::format("'{:.60}' begins with no provider that is set up here.",
                               entry.model.empty() || names.speech() ? entry.name : entry.model),
                   allowed, nearest(entry.name, allowed));
}

bool positive(Section& section, std::string_view key, double& out) {
  std::optional<double> value;
  section.decimal(key, value, 0.001, 1000);
  if (value) out = *value;
  return value.has_value();
}

void milliseconds(Section& section, std::string_view key, Micros& out) {
  std::int64_t value = 0;
  section.number(key, value, 1, kLongestMillis);
  if (value > 0) out = std::chrono::milliseconds(value);
}

// `begun`: where the entry's group begins in `out`.
void read_entry(Section section, bool local, const Names& names, std::size_t begun, std::vector<HybridProvider>& out) {
  const Node* node = section.node();
  if (node == nullptr) return;
  HybridProvider entry{.local = local};
  section.text("name", entry.name);
  section.text("model", entry.model);
  section.text("voice", entry.voice);
  section.text("model_path", entry.model_path);
  positive(section, "weight", entry.weight);
  if (section.has("timeout_ms")) milliseconds(section, "timeout_ms", entry.timeout.emplace());
  section.finish();
  if (entry.name.empty()) {
    section.complain(*node, "name", "A provider needs a name.");
    return;
  }
  if (std::ranges::find(out, entry.name, &HybridProvider::name) != out.end()) {
    section.complain(*node, "name", fmt::format("A provider named '{:.60}' stands further up.", entry.name));
    return;
  }
  const Node* at = section.find(entry.model.empty() ? "name" : "model");
  resolve(section, at == nullptr ? *node : *at, entry, names);
  const auto lighter = [&entry](const HybridProvider& one) { return one.weight < entry.weight; };
  const auto place = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(begun), out.end(), lighter);
  out.insert(place, std::move(entry));
}

// One entry, or a list of them.
void read_group(Section& providers, std::string_view key, bool local, const Names& names,
                std::vector<HybridProvider>& out) {
  const Node* found = providers.find(key);
  if (found == nullptr) return;
  const std::size_t begun = out.size();
  if (found->kind != Node::Kind::kList) return read_entry(providers.section(key), local, names, begun, out);
  for (std::size_t i = 0; const Node& item : found->children) {
    Section entry(providers.reading(), &item, providers.path(fmt::format("{}[{}]", key, i++)));
    read_entry(std::move(entry), local, names, begun, out);
  }
}

void read_providers(Section providers, const Names& names, HybridService& service) {
  if (providers.has("cloud") && (providers.has("primary") || providers.has("secondary"))) {
    providers.complain(*providers.find("cloud"), "cloud",
                       "A service names its cloud providers as 'cloud', or as 'primary' and 'secondary', not both.");
  }
  if (providers.node() == nullptr) return;
  std::vector<HybridProvider>& all = service.providers;
  all.clear();
  for (const std::string_view key : {"cloud", "primary", "secondary", "local"}) {
    read_group(providers, key, key == kLocal, names, all);
  }
  if (all.empty()) providers.complain(*providers.node(), "", "A service needs at least one provider.");
  providers.finish();
}

void read_hedging(Section section, Hedging& hedging) {
  section.flag("enabled", hedging.enabled);
  section.number("max_parallel", hedging.max_parallel, 1, 8);
  section.flag("on_latency", hedging.on_latency);
  section.flag("on_low_confidence", hedging.on_low_confidence);
  section.flag("on_error", hedging.on_error);
  section.choice<bool>("prefer", hedging.prefer_confidence, {{"higher_confidence", true}, {"first", false}});
  section.number("max_extra_percent", hedging.extra_percent, 0, 100);
  section.finish();
}

void read_service(Section section, const Names& names, HybridService& service) {
  section.choice<HybridStrategy>(
      "strategy", service.strategy,
      {{"local_first", HybridStrategy::kLocalFirst}, {"cloud_first", HybridStrategy::kCloudFirst}});
  read_providers(section.section("providers"), names, service);
  std::vector<HybridProvider> ordered;
  for (const bool first : {true, false}) {
    for (const HybridProvider& one : service.providers) {
      if ((one.local == (service.strategy == HybridStrategy::kLocalFirst)) == first) ordered.push_back(one);
    }
  }
  service.providers = std::move(ordered);
  milliseconds(section, "per_call_timeout_ms", service.per_call_timeout);
  Section criteria = section.section("fallback_criteria");
  milliseconds(criteria, "latency_threshold_ms", service.latency_threshold);
  milliseconds(criteria, "per_call_timeout_ms", service.per_call_timeout);
  std::optional<double> confidence;
  criteria.decimal("confidence_score_threshold", confidence, 0, 1);
  service.confidence_threshold = confidence.value_or(service.confidence_threshold);
  criteria.finish();
  read_hedging(section.section("hedging"), service.hedging);
  section.finish();
}

}  // namespace

HybridPolicy read_hybrid_policy(Section& root, const PolicyContext& context, HybridPolicy otherwise) {
  HybridPolicy policy = std::move(otherwise);
  int version = 1;
  root.number("version", version, 1, 1);
  Section services = root.section("services");
  for (const auto& [key, kind, service] : {std::tuple("stt", ServiceKind::kSpeech, &policy.stt),
                                           {"tts", ServiceKind::kSpeech, &policy.tts},
                                           {"reason", ServiceKind::kReason, &policy.reason},
                                           {"translate", ServiceKind::kTranslate, &policy.translate}}) {
    if (!services.has(key)) continue;
    HybridService fresh{.providers = std::move(service->providers)};
    if (service == &policy.tts) fresh.per_call_timeout = kSpeechTimeout;
    if (service == &policy.tts || service == &policy.translate) fresh.strategy = HybridStrategy::kCloudFirst;
    read_service(services.section(key), Names(context, kind), fresh);
    *service = std::move(fresh);
  }
  services.finish();
  root.finish();
  return policy;
}

}  // namespace orchestra::settings
