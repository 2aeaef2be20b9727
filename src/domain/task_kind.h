// What is asked of a model, and what a model can do.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace orchestra {

enum class TaskKind : std::uint8_t { kChat, kCompletion, kEmbedding, kImage };

// Capabilities of a model as a bit set.
enum Capability : std::uint32_t {
  kCanChat = 1U << 0,
  kCanComplete = 1U << 1,
  kCanEmbed = 1U << 2,
  kCanUseTools = 1U << 3,
  kCanSeeImages = 1U << 4,
  kCanHearAudio = 1U << 5,
  kCanJsonSchema = 1U << 6,
  kCanStream = 1U << 7,
  kCanReason = 1U << 8,
  kCanMakeImages = 1U << 9,
  kCanTranscribe = 1U << 10,
  kCanTranslateAudio = 1U << 11,
};
using Capabilities = std::uint32_t;

constexpr std::array<std::pair<Capability, std::string_view>, 12> kCapabilityNames{
    {{kCanChat, "chat"},
     {kCanComplete, "completion"},
     {kCanEmbed, "embedding"},
     {kCanUseTools, "tools"},
     {kCanSeeImages, "images"},
     {kCanHearAudio, "audio"},
     {kCanJsonSchema, "json_schema"},
     {kCanStream, "streaming"},
     {kCanReason, "reasoning"},
     {kCanMakeImages, "image_generation"},
     {kCanTranscribe, "audio_transcription"},
     {kCanTranslateAudio, "audio_translation"}}};

// What is asked of a model; the other capabilities are how it can be done. README 002's words.
constexpr Capabilities kTaskCapabilities =
    kCanChat | kCanComplete | kCanEmbed | kCanMakeImages | kCanTranscribe | kCanTranslateAudio;

// Tasks that a model answers with text.
constexpr bool answers_text(TaskKind task) noexcept {
  return task == TaskKind::kChat || task == TaskKind::kCompletion;
}

constexpr std::string_view task_name(TaskKind task) noexcept {
  switch (task) {
    case TaskKind::kChat: return "chat";
    case TaskKind::kCompletion: return "completion";
    case TaskKind::kEmbedding: return "embedding";
    case TaskKind::kImage: return "image";
  }
  return "chat";
}

}  // namespace orchestra
