// "chain": every model improves the answer of the one before it.
#include "policy/merge/chain.h"

#include <fmt/format.h>

#include "policy/merge/merge.h"

namespace orchestra {
namespace {

// The last one has seen the others. How sure it is of its tokens says something; agreement says nothing here.
Merged combine(std::span<const MemberAnswer> answers) {
  return {
      .text = std::string(answers.back().text), .winner = answers.size() - 1, .confidence = answers.back().confidence};
}

}  // namespace

std::string chain_prompt(std::string_view question, std::string_view answer) {
  return fmt::format(
      "{}\n\nAnother model answered:\n\n<answer>\n{}\n</answer>\n\nWrite the best answer: correct what is wrong in it "
      "and add what is missing. Reply with the answer alone.",
      question, answer);
}

extern const Merge kChain;
const Merge kChain{.name = "chain",
                   .aliases = {},
                   .summary = "The last answer, each model improving the one before it",
                   .asking = Asking::kInTurn,
                   .combine = combine};

}  // namespace orchestra
