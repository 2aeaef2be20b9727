// What the Messages API lets a Claude model be asked, by the model's name: the API refuses fields that a generation has
// lost or does not have yet. https://docs.anthropic.com/en/docs/about-claude/models (migration guides)
#pragma once

#include <cstdint>
#include <string_view>

namespace orchestra {

struct ClaudeTraits {
  // kBudget: thinking {type: enabled, budget_tokens}. kAdaptive (4.6 on): {type: adaptive} and output_config.effort.
  enum class Thinking : std::uint8_t { kNone, kBudget, kAdaptive } thinking = Thinking::kBudget;
  bool sampling = true;               // temperature, top_p, top_k; removed in 4.7
  bool temperature_and_top_p = true;  // both at once; refused from 4.1 on
  bool structured = false;            // output_config.format and strict tools; from 4.5 on, and Opus 4.1
  bool thinking_display = false;      // thinking text must be asked for; from 4.7 on
  bool extra_high_effort = false;     // effort xhigh; from 4.7 on
};

// Reads names of both kinds: claude-3-7-sonnet-20250219 and claude-opus-4-6. A name that is no Claude's belongs to a
// service that copies the API: it gets the oldest form that has thinking.
ClaudeTraits claude_traits(std::string_view model) noexcept;

}  // namespace orchestra
