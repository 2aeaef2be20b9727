#include "policy/score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace orchestra {
namespace {

constexpr double kUnknownSize = 0.6;

double size_prior(const Model& model, TaskKind task) noexcept {
  if (task == TaskKind::kEmbedding || !model.local || !model.facts || model.facts->parameters <= 0) return kUnknownSize;
  const double magnitude = std::log10(static_cast<double>(model.facts->parameters));
  return std::clamp((magnitude - 7.0) / 5.0, 0.0, 1.0);
}

double price_term(const Model& model) noexcept {
  if (model.local) return 0.2;
  if (!model.price.output) return 0.0;
  return 0.2 / (1.0 + static_cast<double>(model.price.output->count) / 1e6);
}

}  // namespace

Capabilities task_capability(TaskKind task) noexcept {
  switch (task) {
    case TaskKind::kChat: return kCanChat;
    case TaskKind::kCompletion: return kCanComplete;
    case TaskKind::kEmbedding: return kCanEmbed;
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
  static constexpr std::array<std::pair<Capability, std::string_view>, 9> kWords = {{
      {kCanChat, "chat"},
      {kCanComplete, "text completion"},
      {kCanEmbed, "embeddings"},
      {kCanUseTools, "tools"},
      {kCanSeeImages, "images"},
      {kCanHearAudio, "audio"},
      {kCanJsonSchema, "JSON schemas"},
      {kCanStream, "streaming"},
      {kCanReason, "reasoning"},
  }};
  std::string words;
  for (const auto& [capability, word] : kWords) {
    if ((capabilities & capability) == 0) continue;
    if (!words.empty()) words += " and ";
    words += word;
  }
  return words;
}

Micros expected_load(const Model& model, const WorkerView* worker) noexcept {
  if (!model.local || (worker != nullptr && worker->state == WorkerState::kReady)) return Micros(0);
  if (worker != nullptr && worker->expected_load.count() > 0) return worker->expected_load;
  // A cold disk reads some 300 MB per second, which is bytes / 300 in microseconds.
  const std::int64_t bytes = model.facts ? model.facts->file_size.count : 0;
  return std::chrono::seconds(1) + Micros(bytes / 300);
}

Micros expected_answer(const Model& model, const ModelHealth& health) noexcept {
  return health.first_content.value_or(model.local ? Millis(300) : Millis(1000));
}

double auto_score(const Model& model, const ModelHealth& health, Micros expected, Capabilities needed,
                  TaskKind task) noexcept {
  const double fit = (model.capabilities & needed) == needed ? 1.0 : 0.5;
  const double success = static_cast<double>(health.success_permille) / 1000.0;
  const double seconds = std::chrono::duration<double>(expected).count();
  return 2 * fit + 2 * success + 4 * size_prior(model, task) + price_term(model) - 0.3 * std::log2(1.0 + seconds);
}

}  // namespace orchestra
