// What the resources about the registry's models work with.
#pragma once

#include <functional>
#include <vector>

#include "api/model_lookup.h"
#include "api/models.h"
#include "api/system.h"
#include "ports/outcomes.h"
#include "ports/registry.h"

namespace orchestra {

// A model's breaker and its measured share of good answers, as the loops share them.
struct ModelPulse {
  bool closed = true;  // its breaker
  int success_permille = 1000;
};

// Loop-bound; the references outlive the router.
struct ModelScene {
  const Snapshots& snapshots;
  Registry& registry;
  Outcomes& outcomes;
  std::function<ModelPulse(const ModelId&)> pulse;
  std::function<std::vector<HealthFacts::Provider>()> providers;
  StandIn stand_in;
  const Clock& clock;
};

}  // namespace orchestra
