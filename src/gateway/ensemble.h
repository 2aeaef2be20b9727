// Several models answer one request, and a merge (policy/merge/) makes one answer of theirs.
//
// Members are asked side by side, each along the line by itself. A member that fails is reported and the others are
// merged; with a deadline, what is there by then is merged. What cannot change the result any more is cancelled.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gateway/asker.h"
#include "policy/merge/merge.h"

namespace orchestra {

inline constexpr std::size_t kMostMembers = 8;

// What a request says of an ensemble.
struct EnsembleWishes {
  std::string merge;                                   // a name of policy/merge/list.h; empty: best_confidence
  std::vector<std::string> members;                    // names; 1 to kMostMembers
  std::map<std::string, double, std::less<>> weights;  // by a name of `members`; 1 where none is given
  std::string judge;                                   // a name; empty: the first member
};

struct EnsemblePlan {
  const Merge* merge = nullptr;
  std::vector<std::string> members;
  std::vector<double> weights;  // of each member
  std::string judge;
};
// kUnprocessable: an unknown merge, too many members, or weights that are not above 0 or nobody's.
Result<EnsemblePlan> plan_ensemble(EnsembleWishes wishes);

struct EnsembleAnswer {
  Merged merged;               // `winner` is an index into `replies`
  std::vector<Reply> replies;  // of every member, in their order; what was cut off has an error
  std::optional<Reply> judge;  // where one was asked
  bool judged = false;         // the judge's verdict decided
};

// `question` is what judges and later members of a chain are shown. The error is that of a caller who left, or of an
// ensemble of which nobody answered: its first member's fault, and what all of them said.
Task<EnsembleAnswer> run_ensemble(Asker& asker, const Clock& clock, EnsemblePlan plan, std::string question,
                                  std::optional<Micros> limit);

// The error of several models that all failed.
Error nobody_answered(const std::vector<Reply>& replies);

}  // namespace orchestra
