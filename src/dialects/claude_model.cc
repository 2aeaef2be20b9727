#include "dialects/claude_model.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace orchestra {
namespace {

// Ten times the generation plus its minor number, e.g. 46; 0 if the name does not say. A date is no minor number.
int generation(std::string_view model) noexcept {
  const std::size_t claude = model.find("claude");
  if (claude == std::string_view::npos) return 0;
  std::optional<int> major;
  int minor = 0;
  std::size_t at = claude;
  while (at < model.size()) {
    std::size_t end = at;
    while (end < model.size() && model[end] >= '0' && model[end] <= '9') ++end;
    const std::size_t length = end - at;
    const bool number = length > 0 && length <= 2;
    int value = 0;
    if (number) std::from_chars(model.data() + at, model.data() + end, value);
    if (number && major) {
      minor = std::min(value, 9);
      break;
    }
    if (number) major = value;
    // What stands between the two numbers is one dash or dot; anything else means that there is no minor number.
    if (length > 2 || (major && !number && model[at] != '-' && model[at] != '.')) break;
    at = length > 0 ? end : at + 1;
  }
  return major ? *major * 10 + minor : 0;
}

}  // namespace

ClaudeTraits claude_traits(std::string_view model) noexcept {
  using enum ClaudeTraits::Thinking;
  const int version = generation(model);
  if (version == 0) return {};
  return ClaudeTraits{.thinking = version >= 46   ? kAdaptive
                                  : version >= 37 ? kBudget
                                                  : kNone,
                      .sampling = version < 47,
                      .temperature_and_top_p = version < 41,
                      .structured = version >= 45 || version == 41,
                      .thinking_display = version >= 47,
                      .extra_high_effort = version >= 47};
}

}  // namespace orchestra
