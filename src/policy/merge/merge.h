// How the answers of several models become one. A merge is one file here that defines one `Merge`, and its line in
// list.cc.
//
// Pure: the same answers, in the same order, give the same result. Confidence is computed or absent, never invented:
// the mean token probability where every answer has one, the agreement between the answers otherwise, and nothing for
// a single answer without probabilities (policy/merge/agreement.h); a merge that counts votes says the share of votes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orchestra {

// One model's answer. The texts outlive the merge.
struct MemberAnswer {
  std::string_view model;
  std::string_view text;
  double weight = 1;                 // of the request; above 0
  std::optional<double> confidence;  // 0 to 1: the mean probability of its tokens, where its provider says so
};

struct Merged {
  std::string text;
  std::optional<std::size_t> winner;  // whose answer it is; nothing when it is made of several
  std::optional<double> confidence;   // 0 to 1
  bool json = false;                  // `text` is JSON that we wrote
};

// How the members are asked.
enum class Asking : std::uint8_t {
  kTogether,  // all at once; `combine` makes one of what came
  kJudged,    // all at once; a model picks (policy/merge/judge.h), `combine` stands in where it does not
  kInTurn,    // one after the other, each shown the answer before it (policy/merge/chain.h)
};

struct Merge {
  std::string_view name;
  std::span<const std::string_view> aliases;  // other names of it
  std::string_view summary;                   // a line for people
  Asking asking = Asking::kTogether;
  // Of one answer or more, in the order of the members.
  Merged (*combine)(std::span<const MemberAnswer> answers);
  // Whether answers of this weight more cannot change the winner any more. Null: every answer may.
  bool (*decided)(std::span<const MemberAnswer> answers, std::size_t missing, double missing_weight) = nullptr;
};

}  // namespace orchestra
