// How much answers agree. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/merge/merge.h"

namespace orchestra {

// What makes two answers the same: ASCII letters in lower case, one space for each run of white space, and no quotes,
// marks of emphasis or full stops around it. "Paris." is "**paris**"; "5" is not "-5".
std::string answer_key(std::string_view text);

// The words of a text: ASCII letters in lower case, what is neither letter, digit nor beyond ASCII taken for a space.
std::string plain_words(std::string_view text);

// Dice's coefficient of the two multisets of words (https://doi.org/10.2307/1932409), 0 to 1: twice the words in common
// over all words. Of long texts the first 2,000 words count.
double similarity(std::string_view a, std::string_view b);

// Of each answer, its mean similarity to the others; empty for fewer than two answers.
std::vector<double> agreement(std::span<const MemberAnswer> answers);

// What is known of each answer: the rule of policy/merge/merge.h.
std::vector<std::optional<double>> confidences(std::span<const MemberAnswer> answers);

// The answer at `winner`, with what is known of it.
Merged picked(std::span<const MemberAnswer> answers, std::size_t winner);

}  // namespace orchestra
