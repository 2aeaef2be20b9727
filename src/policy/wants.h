// What a request wants of a model, as the filters and terms read it. Pure.
#pragma once

#include <span>
#include <string>

#include "domain/call.h"
#include "domain/plan.h"
#include "policy/facts.h"

namespace orchestra {

// What a request needs of a model.
Capabilities needed_capabilities(const Shape& shape) noexcept;
// The part of it that is the task itself.
Capabilities task_capability(TaskKind task) noexcept;
// "tools and images", for a sentence.
std::string capability_words(Capabilities capabilities);
// "code and analysis".
std::string skill_words(Skills skills);

// The tokens of the request's text: a quarter of its bytes.
Tokens estimated_input(const Shape& shape) noexcept;
// The answer that is expected: what its class usually gets (150, 400, 800 and 300 tokens; 300 unclassified), never more
// than max_tokens; 0 for embeddings.
Tokens expected_output(const Shape& shape, const std::optional<Classification>& query) noexcept;

// Text of eight bytes a token is rare, so that twice the estimate is certainly too long.
inline constexpr float kEstimateDoubt = 2.0F;
// Encodings differ by less in the same text.
inline constexpr float kOtherEncodingDoubt = 1.25F;

struct Wants {
  TaskKind task = TaskKind::kChat;
  Capabilities needed = kCanChat;
  Skills skills = 0;
  Tokens input, output;
  bool named = false;  // the caller named one model: hearsay does not refuse it
  bool local_only = false;
  bool price_required = false;      // also where the cost is limited: what is not known may exceed it
  std::span<const bool> providers;  // by FactSheet::providers: whether it may be used; empty: all
  float cost_limit = -1;            // dollars; negative: none
  float deadline = -1;              // seconds; negative: none
  // So many times its window a named model may be asked for: as far as `input` may be too high.
  float doubt = kEstimateDoubt;
};

}  // namespace orchestra
