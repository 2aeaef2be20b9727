// Keeps what it was told.
#pragma once

#include <vector>

#include "ports/outcomes.h"

namespace orchestra {

class FakeOutcomes final : public Outcomes {
 public:
  void note(const OutcomeFact& fact) noexcept override { facts.push_back(fact); }
  std::vector<OutcomeFact> facts;
};

}  // namespace orchestra
