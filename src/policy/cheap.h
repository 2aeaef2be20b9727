// Which models are cheap, and what it does to a score that a cheap one is likely to suffice. Pure; the one place where
// this is defined.
//
// The dear model is the contender of the highest quality whose price is known (of equals, the one that costs less):
// what one would ask if money did not count. Cheap is every contender that is expected to cost at most a quarter of
// what that one costs for this request. Where the best model is free, none is cheap.
//
// Where the routing model gives a chance p that a cheap model suffices for the request, the quality of a cheap
// contender is taken as
//
//   q' = 0.25 * q + 0.75 * p * q_dear
//
// in place of q, by the strategies "auto" and "adaptive": what is known of this kind of query counts for more than what
// is known of the model in general. All other contenders keep their quality, and every strategy its weights.
#pragma once

#include <optional>
#include <span>

#include "domain/plan.h"

namespace orchestra {

struct CheapBorder {
  float most_usd = 0;      // for the request, in dollars
  float dear_quality = 0;  // of the dear model
};

// Nothing when no price is known, or the dear model is free.
std::optional<CheapBorder> cheap_border(std::span<const Contender> contenders) noexcept;
inline bool is_cheap(const Contender& contender, const CheapBorder& border) noexcept {
  return contender.expected_usd >= 0 && contender.expected_usd <= border.most_usd;
}

// Whether `model` was a cheap one among those that the decision considered; nothing where that cannot be told.
std::optional<bool> was_cheap(const Decision& decision, const ModelId& model);

// Gives the terms of a contender as they count for a request of these features: the quality by the formula above.
class ChanceOfCheap {
 public:
  ChanceOfCheap(const Features& features, std::span<const Contender> contenders) noexcept;
  Terms terms(const Contender& contender) const noexcept;
  float quality(const Contender& contender) const noexcept {
    const float own = contender.terms.quality;
    return border_ && is_cheap(contender, *border_) ? quality_of_cheap(own) : own;
  }

 private:
  float quality_of_cheap(float quality) const noexcept;

  std::optional<CheapBorder> border_;
  float chance_ = 0;
};

}  // namespace orchestra
