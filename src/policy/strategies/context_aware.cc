// "context_aware": README 001's rule. A request of fewer than 1,000 tokens goes where it is answered quickly and
// cheaply; a longer one where it has most room, since models lose track long before their window is full.
#include <algorithm>
#include <array>
#include <cmath>

#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {
namespace {

constexpr std::int64_t kShort = 1000;
constexpr Weights kForShort{.quality = 0.2, .latency = 0.4, .cost = 0.3, .resources = 0.1};
constexpr float kUnknownWindow = 4096;
// Twenty doublings: a million tokens.
constexpr float kMostDoublings = 20;

void rank(const Features& features, std::span<Contender> contenders) {
  const bool is_short = features.input.count < kShort;
  for (Contender& contender : contenders) {
    contender.score = weighted_score(contender.terms, is_short ? kForShort : kBalancedWeights);
    if (is_short) continue;
    const float window = contender.context > 0 ? contender.context : kUnknownWindow;
    const float room = std::min(1.0F, std::log2(window) / kMostDoublings);
    contender.score = contender.terms.success * (0.6F * room + 0.4F * contender.score);
  }
}

constexpr std::array<std::string_view, 1> kAliases{"context"};

}  // namespace

extern const Strategy kContextAware;
const Strategy kContextAware{.name = "context_aware",
                             .aliases = kAliases,
                             .summary = "Small and quick for short requests, the largest window for long ones",
                             .rank = rank};

}  // namespace orchestra
