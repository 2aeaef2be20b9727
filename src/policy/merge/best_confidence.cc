// "best_confidence", and README 001's "default".
#include "policy/merge/best_confidence.h"

#include <algorithm>
#include <array>

#include "policy/merge/agreement.h"

namespace orchestra {

Merged most_confident(std::span<const MemberAnswer> answers) {
  const auto known = confidences(answers);
  return picked(answers, static_cast<std::size_t>(std::ranges::max_element(known) - known.begin()));
}

namespace {

constexpr std::array<std::string_view, 1> kAliases{"default"};

}  // namespace

extern const Merge kBestConfidence;
const Merge kBestConfidence{.name = "best_confidence",
                            .aliases = kAliases,
                            .summary = "The answer that its model, or the other models, are surest of",
                            .combine = most_confident};

}  // namespace orchestra
