#include "policy/wants.h"

#include <algorithm>
#include <array>
#include <utility>

namespace orchestra {
namespace {

template <class Bits, class Names>
std::string words_of(Bits bits, const Names& names) {
  std::string words;
  for (const auto& [bit, word] : names) {
    if ((bits & bit) == 0) continue;
    if (!words.empty()) words += " and ";
    words += word;
  }
  return words;
}

}  // namespace

Capabilities task_capability(TaskKind task) noexcept {
  switch (task) {
    case TaskKind::kChat: return kCanChat;
    case TaskKind::kCompletion: return kCanComplete;
    case TaskKind::kEmbedding: return kCanEmbed;
    case TaskKind::kImage: return kCanMakeImages;
  }
  return kCanChat;
}

Capabilities needed_capabilities(const Shape& shape) noexcept {
  Capabilities needed = task_capability(shape.task);
  if (shape.has_tools) needed |= kCanUseTools;
  if (shape.has_images) needed |= kCanSeeImages;
  if (shape.has_audio) needed |= kCanHearAudio;
  if (shape.has_json_schema) needed |= kCanJsonSchema;
  if (shape.stream) needed |= kCanStream;
  return needed;
}

std::string capability_words(Capabilities capabilities) {
  static constexpr std::array<std::pair<Capabilities, std::string_view>, 10> kWords = {{
      {kCanChat, "chat"},
      {kCanComplete, "text completion"},
      {kCanEmbed, "embeddings"},
      {kCanUseTools, "tools"},
      {kCanSeeImages, "images"},
      {kCanHearAudio, "audio"},
      {kCanJsonSchema, "JSON schemas"},
      {kCanStream, "streaming"},
      {kCanReason, "reasoning"},
      {kCanMakeImages, "image generation"},
  }};
  return words_of(capabilities, kWords);
}

std::string skill_words(Skills skills) {
  return words_of(skills, kSkillNames);
}

Tokens estimated_input(const Shape& shape) noexcept {
  return Tokens(static_cast<std::int64_t>(shape.text_bytes / 4));
}

Tokens expected_output(const Shape& shape, const std::optional<Classification>& query) noexcept {
  static constexpr std::array<std::int64_t, 4> kUsual{150, 400, 800, 300};
  if (!answers_text(shape.task)) return Tokens(0);
  const std::int64_t usual = query ? kUsual[static_cast<std::size_t>(query->type)] : 300;
  return Tokens(shape.max_tokens ? std::min(usual, std::max<std::int64_t>(*shape.max_tokens, 0)) : usual);
}

}  // namespace orchestra
