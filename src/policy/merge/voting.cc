// "voting": one model, one vote.
#include "policy/merge/votes.h"

namespace orchestra {
namespace {

double one_vote(const MemberAnswer& /*answer*/) {
  return 1;
}

Merged combine(std::span<const MemberAnswer> answers) {
  return by_votes(answers, one_vote);
}

bool decided(std::span<const MemberAnswer> answers, std::size_t missing, double /*missing_weight*/) {
  return votes_decided(answers, one_vote, static_cast<double>(missing));
}

}  // namespace

extern const Merge kVoting;
const Merge kVoting{.name = "voting",
                    .aliases = {},
                    .summary = "The answer that most models gave",
                    .combine = combine,
                    .decided = decided};

}  // namespace orchestra
