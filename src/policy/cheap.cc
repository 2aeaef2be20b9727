#include "policy/cheap.h"

#include <algorithm>
#include <vector>

namespace orchestra {
namespace {

constexpr float kCheapShare = 0.25F, kTrust = 0.75F;

}  // namespace

std::optional<CheapBorder> cheap_border(std::span<const Contender> contenders) noexcept {
  const Contender* dear = nullptr;
  for (const Contender& one : contenders) {
    if (one.expected_usd < 0) continue;
    const bool better = dear == nullptr || one.terms.quality > dear->terms.quality ||
                        (one.terms.quality == dear->terms.quality && one.expected_usd < dear->expected_usd);
    if (better) dear = &one;
  }
  if (dear == nullptr || dear->expected_usd <= 0) return std::nullopt;
  return CheapBorder{.most_usd = kCheapShare * dear->expected_usd, .dear_quality = dear->terms.quality};
}

std::optional<bool> was_cheap(const Decision& decision, const ModelId& model) {
  std::vector<Contender> contenders;
  const Contender* asked = nullptr;
  for (const Considered& considered : decision.considered) {
    if (!considered.contender) continue;
    contenders.push_back(*considered.contender);
    if (considered.model == model) asked = &*considered.contender;
  }
  const auto border = cheap_border(contenders);
  if (asked == nullptr || asked->expected_usd < 0 || !border) return std::nullopt;
  return is_cheap(*asked, *border);
}

ChanceOfCheap::ChanceOfCheap(const Features& features, std::span<const Contender> contenders) noexcept {
  if (!features.query || !features.query->cheap_suffices) return;
  border_ = cheap_border(contenders);
  chance_ = static_cast<float>(*features.query->cheap_suffices);
}

Terms ChanceOfCheap::terms(const Contender& contender) const noexcept {
  Terms terms = contender.terms;
  terms.quality = quality(contender);
  return terms;
}

float ChanceOfCheap::quality_of_cheap(float quality) const noexcept {
  return std::clamp((1 - kTrust) * quality + kTrust * chance_ * border_->dear_quality, 0.0F, 1.0F);
}

}  // namespace orchestra
