// Votes on answers: those that are the same stand together. Pure.
#pragma once

#include <span>

#include "policy/merge/merge.h"

namespace orchestra {

// Every answer has `votes_of` votes; the group with most wins, and its first answer is the text. Of groups that are
// equal, the one whose first answer agrees most with all. The confidence is the group's share of the votes. Where every
// answer is a list of classes, the lists are voted on class by class (policy/merge/class_list.h).
using VotesOf = double (*)(const MemberAnswer& answer);
Merged by_votes(std::span<const MemberAnswer> answers, VotesOf votes_of);

// Whether the leading group has more votes than any other could still get. Never of lists of classes.
bool votes_decided(std::span<const MemberAnswer> answers, VotesOf votes_of, double missing_votes);

}  // namespace orchestra
