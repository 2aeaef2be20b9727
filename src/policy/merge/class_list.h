// Lists of classes with confidences, as classifying models answer: [{"class": "cup", "confidence": 0.8}, ...]; "label"
// stands for "class" as well. Pure.
#pragma once

#include <optional>
#include <span>

#include "policy/merge/votes.h"

namespace orchestra {

// A JSON array, not empty, of objects with a "class" or "label", and a "confidence" from 0 to 1 where there is one.
bool is_class_list(std::string_view text);

// README 001's ensembles (CONTRACTS 2.2): every class gets from every answer its confidence (1 where none is said)
// times the answer's votes; the five with most stay, each with its share of all that it could have got. Nothing when
// one of the answers is no such list.
std::optional<Merged> merged_class_lists(std::span<const MemberAnswer> answers, VotesOf votes_of);

}  // namespace orchestra
