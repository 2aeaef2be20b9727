// The words that the READMEs have for what models can and how they are (CONTRACTS 3.1, 4.2, 5.1). Any case in. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/model.h"

namespace orchestra {

// README 004's seven flags.
struct ModelFlags {
  bool text_generation, multimodal, tool_use, long_context, streaming, function_calling, fast_inference;
};
// long_context: a window of 100,000 tokens or more. multimodal: a chat model that takes images or sounds.
ModelFlags flags_of(const Model& model) noexcept;

// Whether a model has it: a word of README 002 (CHAT, IMAGE_GENERATION), one of 004's flags, one of 003's tasks (code,
// reasoning), or our own (tools, images). Nothing when the word is none of these.
std::optional<bool> has_capability(const Model& model, std::string_view word) noexcept;
// All words that has_capability knows, in upper case.
std::vector<std::string> capability_words();
// What such a word says of a model that is registered with it; nothing when it is none of these. A word that is both a
// skill and a way of doing tasks means the skill.
struct CapabilityWord {
  Capabilities capabilities = 0;
  Skills skills = 0;
  bool fast = false;
};
std::optional<CapabilityWord> capability_of(std::string_view word) noexcept;

// README 002's ACTIVE, INACTIVE, DEPRECATED.
std::string_view status_of(const Model& model) noexcept;
// Whether a model is in that state: 002's words, or 004's (stable, beta, deprecated, unstable). Nothing when the word
// is none of these.
std::optional<bool> has_status(const Model& model, std::string_view word) noexcept;
std::vector<std::string> status_words();
Maturity maturity_of(const Model& model) noexcept;
std::optional<Maturity> parse_maturity(std::string_view word) noexcept;

// README 001's llm, vision, audio, multimodal: what was registered, else what the model can.
std::string_view type_of(const Model& model) noexcept;

}  // namespace orchestra
