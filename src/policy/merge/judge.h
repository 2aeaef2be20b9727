// What a model that judges is asked, and what its verdict means. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policy/merge/merge.h"

namespace orchestra {

// Asks for the number of the best answer, from 1. Of long texts their first 8,000 bytes are shown.
std::string judge_prompt(std::string_view question, std::span<const MemberAnswer> answers);
// Index of the answer that the verdict names; nothing when it names none of `count`, or several.
std::optional<std::size_t> read_verdict(std::string_view verdict, std::size_t count);

// Asks whether one answer is good enough, and reads the reply: yes or no as its first word; nothing otherwise.
std::string grade_prompt(std::string_view question, std::string_view answer);
std::optional<bool> read_grade(std::string_view reply);

}  // namespace orchestra
