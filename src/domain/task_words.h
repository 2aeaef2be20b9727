// The READMEs' words for kinds of work, and what they ask of a model.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "domain/model_card.h"
#include "domain/task_kind.h"

namespace orchestra {

struct TaskWord {
  std::string_view word;
  TaskKind task;
  Skills skills;      // 0: every model that does the task
  bool sees = false;  // pictures come with it
};

inline constexpr std::array<TaskWord, 19> kTaskWords{{
    {"code_generation", TaskKind::kChat, kSkilledInCode},
    {"code", TaskKind::kChat, kSkilledInCode},
    {"text_generation", TaskKind::kChat, 0},
    {"text-generation", TaskKind::kChat, 0},
    {"completion", TaskKind::kChat, 0},
    {"chat", TaskKind::kChat, 0},
    {"conversation", TaskKind::kChat, kSkilledInConversation},
    {"creative", TaskKind::kChat, kSkilledInCreativeWriting},
    {"creative_writing", TaskKind::kChat, kSkilledInCreativeWriting},
    {"reasoning", TaskKind::kChat, kSkilledInReasoning},
    {"analysis", TaskKind::kChat, kSkilledInAnalysis},
    {"summarization", TaskKind::kChat, 0},
    {"question_answering", TaskKind::kChat, 0},
    {"translation", TaskKind::kChat, kSkilledInTranslation},
    {"refinement", TaskKind::kChat, kSkilledInRefinement},
    {"vision", TaskKind::kChat, 0, true},
    {"embedding", TaskKind::kEmbedding, 0},
    {"embeddings", TaskKind::kEmbedding, 0},
    {"image_generation", TaskKind::kImage, 0},
}};

constexpr std::optional<TaskWord> find_task_word(std::string_view word) noexcept {
  for (const TaskWord& one : kTaskWords) {
    if (one.word == word) return one;
  }
  return std::nullopt;
}

}  // namespace orchestra
