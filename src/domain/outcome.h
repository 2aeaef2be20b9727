// One finished attempt at a model, as far as it tells how good the model is: what the registry learns from.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.h"
#include "domain/model.h"
#include "domain/query_class.h"
#include "domain/task_kind.h"

namespace orchestra {

// A QueryType as a number.
constexpr int kQueryClasses = static_cast<int>(kQueryTypeNames.size());
constexpr int kNoQueryClass = -1;  // nobody classified it

// Prompts of about one length behave alike: below 256, 1024, 4096 and 16384 tokens, and above.
constexpr int kPromptStrata = 5;
constexpr int prompt_stratum(Tokens prompt) noexcept {
  int stratum = 0;
  for (std::int64_t bound = 256; stratum < kPromptStrata - 1 && prompt.count >= bound; bound *= 4) ++stratum;
  return stratum;
}

// Empty members were not measured. An attempt whose caller left tells of its first content and not of its success.
struct OutcomeFact {
  ModelId model;
  TaskKind task = TaskKind::kChat;
  int query_class = kNoQueryClass;
  int stratum = 0;
  std::optional<Micros> first_content;  // since the attempt began, load time excluded
  std::optional<Micros> duration;       // of the whole answer
  std::optional<Tokens> output;         // tokens of the answer
  std::optional<bool> success;
  std::optional<double> quality;  // 0 to 1
  double weight = 1;              // how many samples it counts for
  std::optional<MicroUsd> cost;
  WallTime when{};
};

}  // namespace orchestra
