// What a request to /api/inference/orchestrated says of an ensemble or a cascade. Pure.
//
//   parameters.ensemble   members (names), size (how many are chosen where none are named), merge, weights {name:
//                         number}, judge (a name)
//   parameters.cascade    members, cheap ones first; size; and the checks: pattern, min_confidence, judge. An answer
//                         that response_format wants as JSON is checked too.
#pragma once

#include "api/inference_body.h"
#include "gateway/cascade.h"
#include "gateway/ensemble.h"

namespace orchestra {

struct EnsembleBody {
  EnsembleWishes wishes;
  std::size_t size = 3;
};
Result<EnsembleBody> read_ensemble(const Inference& inference);

struct CascadeBody {
  CascadePlan plan;
  std::size_t size = 3;
};
Result<CascadeBody> read_cascade(const Inference& inference);

}  // namespace orchestra
