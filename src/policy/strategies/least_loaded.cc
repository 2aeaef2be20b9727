// "least_loaded": the contender with most free places; the balanced score decides between equals.
#include <array>

#include "policy/strategies/strategy.h"
#include "policy/terms.h"

namespace orchestra {
namespace {

void rank(const Features&, std::span<Contender> contenders) {
  for (Contender& contender : contenders) {
    // The score is below 1, so that a tenth of the places weighs as much as a third of it.
    contender.score = 3.0F * (1.0F - contender.busy) + weighted_score(contender.terms, kBalancedWeights);
  }
}

constexpr std::array<std::string_view, 1> kAliases{"least_busy"};

}  // namespace

extern const Strategy kLeastLoaded;
const Strategy kLeastLoaded{
    .name = "least_loaded", .aliases = kAliases, .summary = "The model with most free places", .rank = rank};

}  // namespace orchestra
