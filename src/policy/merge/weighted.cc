// "weighted": as many votes as the request gives each model.
#include <array>

#include "policy/merge/votes.h"

namespace orchestra {
namespace {

double weight_of(const MemberAnswer& answer) {
  return answer.weight;
}

Merged combine(std::span<const MemberAnswer> answers) {
  return by_votes(answers, weight_of);
}

bool decided(std::span<const MemberAnswer> answers, std::size_t /*missing*/, double missing_weight) {
  return votes_decided(answers, weight_of, missing_weight);
}

constexpr std::array<std::string_view, 1> kAliases{"weighted_voting"};

}  // namespace

extern const Merge kWeighted;
const Merge kWeighted{.name = "weighted",
                      .aliases = kAliases,
                      .summary = "The answer with most weight behind it",
                      .combine = combine,
                      .decided = decided};

}  // namespace orchestra
