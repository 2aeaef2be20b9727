// Cheap models first: an answer that fails a check goes on to the next, better one.
//
// Each step is asked along the line by itself. A step passes when it answers and every check of the plan holds:
//   schema           the answer is JSON and fits (policy/checks/json_schema.h)
//   pattern          the answer matches (policy/checks/pattern.h)
//   min_confidence   the mean probability of its tokens is at least that; where the provider says nothing of it, its
//                    agreement with an earlier step's answer, and where there is none either, the check fails
//   judge            a model says "yes" to it; a judge that fails or says neither yes nor no fails the check
// Where no step passes, the last answer stands, marked as not passed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/plan.h"
#include "gateway/asker.h"
#include "policy/checks/json_schema.h"
#include "policy/checks/pattern.h"

namespace orchestra {

struct CascadePlan {
  std::vector<std::string> members;  // names, in the order in which they are asked; not empty
  bool json = false;                 // the answer must be JSON
  std::optional<JsonSchema> schema;  // and fit
  std::optional<Pattern> pattern;
  std::optional<double> min_confidence;
  std::string judge;  // a name; empty: none
};

struct CascadeStep {
  Reply reply;
  std::string failed;                // the check that did not hold, as a sentence; empty: it passed, or has an error
  std::optional<double> confidence;  // as it was checked
  std::optional<Reply> judge;
};

struct CascadeAnswer {
  std::size_t chosen = 0;  // index into `steps`
  bool passed = false;
  std::vector<CascadeStep> steps;  // those that were asked
};

// `question` is what a judge is shown. By the limit, the last answer stands. The error is that of a caller who left, or
// of a cascade of which nobody answered.
Task<CascadeAnswer> run_cascade(Asker& asker, const Clock& clock, CascadePlan plan, std::string question,
                                std::optional<Micros> limit);

// The first `count` of a decision's plan, by what their answers are expected to cost; unknown prices last.
std::vector<std::string> cheapest_first(const Decision& decision, std::size_t count);

}  // namespace orchestra
