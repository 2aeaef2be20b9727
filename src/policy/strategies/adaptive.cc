// "adaptive": Thompson sampling (Thompson, 1933; Chapelle and Li, "An Empirical Evaluation of Thompson Sampling",
// 2011).
//
// The quality of each contender is drawn from what its measured answers leave possible: the Beta posterior of mean q
// after n (decayed) answers on top of a prior worth two, in its normal approximation: q + z / 2 * sqrt(q (1 - q) / (n +
// 3)); half the spread, as Chapelle and Li found best: ratings scatter less than the coin tosses that Beta stands for.
// The balanced score of the drawn quality decides, so that a model of which little is known is tried now and then,
// and one that has become worse is found out. Because samples decay, nothing is settled for ever.
//
// Where outcomes have shown for which queries a cheap model suffices, q is taken as policy/cheap.h says.
//
// Exploring has a bounded price: a contender that is expected to cost more than the best by its mean is drawn upwards
// only within Features::exploration_usd, of which the gateway pays in a share of what was spent.
//
// Only those are drawn that can win: whose score at the best quality there is reaches the best that was drawn before
// them. All others keep the score of their mean, which stands below the winner's. So the first choice is the same as
// if all were drawn, since a draw hangs on nothing but the seed and the contender's own key.
#include "policy/strategies/adaptive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "policy/cheap.h"
#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {

namespace {

constexpr std::string_view kName = "adaptive";
constexpr Weights kWeights{.quality = 0.55, .latency = 0.2, .cost = 0.15, .resources = 0.1};
constexpr float kPriorSamples = 3;
constexpr float kShape = 0.5F;

// SplitMix64's finaliser (Steele, Lea and Flood, 2014).
std::uint64_t mixed(std::uint64_t bits) noexcept {
  bits += 0x9e3779b97f4a7c15ULL;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebULL;
  return bits ^ (bits >> 31U);
}

// One draw of a standard normal, as the sum of the eight bytes: within 0.004 of its distribution, never beyond 4.9, and
// without the logarithm and the cosine that would be most of what a decision among thousands costs.
float normal(std::uint64_t bits) noexcept {
  constexpr std::uint64_t kEverySecond = 0x00ff00ff00ff00ffULL, kOnes = 0x0001000100010001ULL;
  constexpr float kMean = 8 * 127.5F, kDeviation = 209.01515F;  // sqrt(8 * (256^2 - 1) / 12)
  const std::uint64_t pairs = (bits & kEverySecond) + (bits >> 8U & kEverySecond);
  return (static_cast<float>(static_cast<std::int32_t>(pairs * kOnes >> 48U)) - kMean) * (1.0F / kDeviation);
}

// The spread of the least and of the greatest quality is not quite nothing.
float drawn_quality(const Contender& contender, float quality, std::uint64_t seed) noexcept {
  const float q = std::clamp(quality, 0.02F, 0.98F);
  const float variance = q * (1.0F - q) / (contender.samples + kPriorSamples);
  const float z = normal(mixed(seed ^ (std::uint64_t{contender.draw} << 32U)));
  return std::clamp(q + kShape * std::sqrt(variance) * z, 0.0F, 1.0F);
}

float score_of(const Contender& contender, float quality) noexcept {
  Terms terms = contender.terms;
  terms.quality = quality;
  return weighted_score(terms, kWeights);
}

// score_of(contender, drawn), where its score is score_of(contender, quality): a score grows with the quality by its
// weight, unless either is a toy's.
float moved_score(const Contender& contender, float quality, float drawn) noexcept {
  constexpr auto kSlope =
      static_cast<float>(kWeights.quality / (kWeights.quality + kWeights.latency + kWeights.cost + kWeights.resources));
  if (std::min(quality, drawn) < kToyQuality) return score_of(contender, drawn);
  return contender.score + kSlope * contender.terms.success * (drawn - quality);
}

void rank(const Features& features, std::span<Contender> contenders) {
  const ChanceOfCheap chance(features, contenders);
  const Contender* best = nullptr;
  for (Contender& contender : contenders) {
    contender.score = score_of(contender, chance.quality(contender));
    const bool better = best == nullptr || contender.score > best->score ||
                        (contender.score == best->score && contender.model < best->model);
    if (better && !contender.cooling) best = &contender;
  }
  const float usual_usd = best != nullptr ? std::max(0.0F, best->expected_usd) : 0.0F;
  const float allowed_usd = usual_usd + static_cast<float>(std::max(0.0, features.exploration_usd));
  float leads = 0;  // the best of those that stand by score
  for (Contender& contender : contenders) {
    const float quality = chance.quality(contender);
    const bool affordable =
        &contender == best || (contender.expected_usd >= 0 && contender.expected_usd <= allowed_usd);
    const float most = affordable ? moved_score(contender, quality, 1.0F) : contender.score;
    if (most < leads) continue;
    const float drawn = moved_score(contender, quality, drawn_quality(contender, quality, features.seed));
    contender.score = affordable ? drawn : std::min(drawn, contender.score);
    if (contender.position < 0 && !contender.cooling) leads = std::max(leads, contender.score);
  }
}

constexpr std::array<std::string_view, 2> kAliases{"thompson", "learning"};

}  // namespace

std::optional<ExplorationCost> exploration_cost(const Decision& decision) {
  if (decision.features.strategy != kName || decision.plan.order.empty()) return std::nullopt;
  std::vector<Contender> contenders;
  for (const Considered& considered : decision.considered) {
    if (considered.contender) contenders.push_back(*considered.contender);
  }
  const ChanceOfCheap chance(decision.features, contenders);
  const auto usual = [&](const Contender& one) { return score_of(one, chance.quality(one)); };
  const Contender *chosen = nullptr, *best = nullptr;
  for (const Considered& considered : decision.considered) {
    if (!considered.contender || considered.contender->cooling) continue;
    const Contender& one = *considered.contender;
    if (considered.verdict == "chosen") chosen = &one;
    if (best == nullptr || usual(one) > usual(*best)) best = &one;
  }
  if (chosen == nullptr || best == nullptr) return std::nullopt;
  const auto usd = [](const Contender& one) { return std::max(0.0, static_cast<double>(one.expected_usd)); };
  return ExplorationCost{.usual_usd = usd(*best), .extra_usd = std::max(0.0, usd(*chosen) - usd(*best))};
}

double exploration_left(double usd, const Decision& decision) {
  constexpr double kShare = 0.05, kMostUsd = 1.0;
  const auto spent = exploration_cost(decision);
  return spent ? std::clamp(usd + kShare * spent->usual_usd - spent->extra_usd, 0.0, kMostUsd) : usd;
}

extern const Strategy kAdaptive;
const Strategy kAdaptive{.name = kName,
                         .aliases = kAliases,
                         .summary = "Learns from measured answers, trying others at a bounded cost",
                         .rank = rank,
                         .draws = true};

}  // namespace orchestra
