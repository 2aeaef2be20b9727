// Where finished attempts are told, so that the registry learns from them.
#pragma once

#include "domain/outcome.h"
#include "domain/query_end.h"
#include "domain/query_outcome.h"

namespace orchestra {

// Loop-bound. What is told travels to the control loop in batches; it may be lost when the process dies, never more
// than the last moment's.
class Outcomes {
 public:
  virtual ~Outcomes() = default;
  virtual void note(const OutcomeFact& fact) noexcept = 0;
  // Of a request whose choice was open, once.
  virtual void keep(QueryOutcome outcome) noexcept = 0;
  // Of the same, when it was answered whole, or its caller left in the middle of it.
  virtual void ended(QueryEnd end) noexcept = 0;
  // What became known of one that was kept.
  virtual void amend(const OutcomeSignal& signal) noexcept = 0;
};

}  // namespace orchestra
