// "sticky": a session stays with its model, whose prompt cache holds what was said, as long as it may serve and its
// rate limit does not hold. A session without a model gets one by rendezvous hashing (Thaler and Ravishankar, 1998)
// among those within a tenth of the best balanced score, so that servers which do not know of each other send it alike.
#include <array>

#include "policy/strategies/weighted.h"

namespace orchestra {
namespace {

constexpr Weights kWeights{.quality = 0.5, .latency = 0.2, .cost = 0.2, .resources = 0.1};
constexpr float kNearBest = 0.9F;

// In [0, 1).
float rendezvous(std::uint64_t session, std::uint32_t model) noexcept {
  std::uint64_t bits = (session ^ model) * 0x9e3779b97f4a7c15ULL;
  bits = (bits ^ (bits >> 32U)) * 0xd6e8feb86659fd93ULL;
  return static_cast<float>(bits >> 40U) * 0x1.0p-24F;
}

void rank(const Features& features, std::span<Contender> contenders) {
  const float best = best_by_weights(kWeights, contenders);
  for (Contender& contender : contenders) {
    if (contender.cooling) continue;
    if (contender.in_session) {
      contender.score += 3;
    } else if (contender.score >= kNearBest * best) {
      contender.score = 1 + rendezvous(features.seed, contender.draw);
    }
  }
}

constexpr std::array<std::string_view, 1> kAliases{"session"};

}  // namespace

extern const Strategy kSticky;
const Strategy kSticky{.name = "sticky",
                       .aliases = kAliases,
                       .summary = "A session keeps its model and the model's prompt cache",
                       .rank = rank,
                       .by_session = true};

}  // namespace orchestra
