// Keeps what it was told.
#pragma once

#include <vector>

#include "ports/outcomes.h"

namespace orchestra {

class FakeOutcomes final : public Outcomes {
 public:
  void note(const OutcomeFact& fact) noexcept override { facts.push_back(fact); }
  void keep(QueryOutcome outcome) noexcept override { kept.push_back(std::move(outcome)); }
  void ended(QueryEnd end) noexcept override { ends.push_back(std::move(end)); }
  void amend(const OutcomeSignal& signal) noexcept override { signals.push_back(signal); }

  std::vector<OutcomeFact> facts;
  std::vector<QueryOutcome> kept;
  std::vector<QueryEnd> ends;
  std::vector<OutcomeSignal> signals;
};

}  // namespace orchestra
