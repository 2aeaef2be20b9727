#include "api/model_words.h"
#include "base/ascii.h"
#include "ports/http.h"

#include <algorithm>
#include <array>

namespace orchestra {
namespace {

constexpr Tokens kLongContext{100'000};
constexpr Capabilities kText = kCanChat | kCanComplete;

using Flag = std::pair<std::string_view, bool ModelFlags::*>;
constexpr std::array kFlags = {Flag{"text_generation", &ModelFlags::text_generation},
                               Flag{"multimodal", &ModelFlags::multimodal},
                               Flag{"tool_use", &ModelFlags::tool_use},
                               Flag{"long_context", &ModelFlags::long_context},
                               Flag{"streaming", &ModelFlags::streaming},
                               Flag{"function_calling", &ModelFlags::function_calling},
                               Flag{"fast_inference", &ModelFlags::fast_inference}};
constexpr std::array<std::pair<std::string_view, CapabilityWord>, 7> kFlagMeanings{
    {{"text_generation", {.capabilities = kText}},
     {"multimodal", {.capabilities = kCanSeeImages}},
     {"tool_use", {.capabilities = kCanUseTools}},
     {"long_context", {}},
     {"streaming", {.capabilities = kCanStream}},
     {"function_calling", {.capabilities = kCanUseTools}},
     {"fast_inference", {.fast = true}}}};

}  // namespace

ModelFlags flags_of(const Model& model) noexcept {
  const Capabilities can = known_capabilities(model);
  const bool tools = (can & kCanUseTools) != 0;
  return {.text_generation = (can & kText) != 0,
          .multimodal = (can & kText) != 0 && (can & (kCanSeeImages | kCanHearAudio)) != 0,
          .tool_use = tools,
          .long_context = model.context && *model.context >= kLongContext,
          .streaming = (can & kCanStream) != 0,
          .function_calling = tools,
          .fast_inference = model.card && model.card->fast};
}

std::optional<bool> has_capability(const Model& model, std::string_view word) noexcept {
  std::optional<bool> has;
  const auto either = [&](bool value) { has = has.value_or(false) || value; };
  for (const auto& [bit, name] : kCapabilityNames) {
    if (equals_ignoring_case(name, word)) either((known_capabilities(model) & bit) != 0);
  }
  for (const auto& [bit, name] : kSkillNames) {
    if (equals_ignoring_case(name, word)) either(model.card && (model.card->skills & bit) != 0);
  }
  for (const auto& [name, flag] : kFlags) {
    if (equals_ignoring_case(name, word)) either(flags_of(model).*flag);
  }
  return has;
}

std::vector<std::string> capability_words() {
  std::vector<std::string> words;
  for (const auto& [bit, name] : kCapabilityNames) words.push_back(ascii_uppered(name));
  for (const auto& [bit, name] : kSkillNames) words.push_back(ascii_uppered(name));
  for (const auto& [name, flag] : kFlags) words.push_back(ascii_uppered(name));
  std::ranges::sort(words);
  const auto repeated = std::ranges::unique(words);
  words.erase(repeated.begin(), repeated.end());
  return words;
}

std::optional<CapabilityWord> capability_of(std::string_view word) noexcept {
  CapabilityWord meant;
  for (const auto& [bit, name] : kSkillNames) {
    if (equals_ignoring_case(name, word)) meant.skills = bit;
  }
  for (const auto& [bit, name] : kCapabilityNames) {
    const bool counts = meant.skills == 0 || (bit & kTaskCapabilities) != 0;
    if (counts && equals_ignoring_case(name, word)) meant.capabilities = bit;
  }
  for (const auto& [name, meaning] : kFlagMeanings) {
    if (equals_ignoring_case(name, word)) return meaning;
  }
  return meant.skills != 0 || meant.capabilities != 0 ? std::optional(meant) : std::nullopt;
}

Maturity maturity_of(const Model& model) noexcept {
  return model.card ? model.card->maturity : Maturity::kStable;
}

std::string_view status_of(const Model& model) noexcept {
  if (model.card && !model.card->active) return "INACTIVE";
  return maturity_of(model) == Maturity::kDeprecated ? "DEPRECATED" : "ACTIVE";
}

std::optional<Maturity> parse_maturity(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kMaturityNames.size(); ++i) {
    if (equals_ignoring_case(kMaturityNames[i], word)) return static_cast<Maturity>(i);
  }
  return std::nullopt;
}

std::optional<bool> has_status(const Model& model, std::string_view word) noexcept {
  if (equals_ignoring_case(word, "active") || equals_ignoring_case(word, "inactive"))
    return equals_ignoring_case(word, status_of(model));
  if (const auto maturity = parse_maturity(word)) return maturity_of(model) == *maturity;
  return std::nullopt;
}

std::vector<std::string> status_words() {
  std::vector<std::string> words = {"ACTIVE", "INACTIVE"};
  for (const std::string_view name : kMaturityNames) words.push_back(ascii_uppered(name));
  return words;
}

std::string_view type_of(const Model& model) noexcept {
  if (model.card && !model.card->type.empty()) return model.card->type;
  const Capabilities can = known_capabilities(model);
  if ((can & (kText | kCanEmbed)) != 0) return flags_of(model).multimodal ? "multimodal" : "llm";
  if ((can & (kCanTranscribe | kCanTranslateAudio | kCanHearAudio)) != 0) return "audio";
  return (can & (kCanMakeImages | kCanSeeImages)) != 0 ? "vision" : "llm";
}

}  // namespace orchestra
