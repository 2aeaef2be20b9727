// The product's own choice of a model, in simulated time: select(), the breakers and what was measured, put together as
// the gateway does it, with seeds and a clock that the simulation owns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "gateway/health.h"
#include "policy/select.h"
#include "registry/performance.h"

namespace orchestra::simulation {

class Chooser {
 public:
  Chooser(Catalogue catalogue, FakeClock& clock, std::string strategy, Performance::Options learning = {});

  // Who is asked, and in which order. Loop state that the gateway keeps (turns, the exploration purse) is kept here.
  Decision choose(const Shape& shape, const Demand& demand, const FleetView* fleet, std::uint64_t seed);
  HealthCell& health(const ModelId& model) { return health_.cell(model.text); }
  void note(const OutcomeFact& fact) { performance_.note(fact); }
  const Catalogue& catalogue() const noexcept { return catalogue_; }

 private:
  Catalogue catalogue_;
  FakeClock& clock_;
  HealthTable health_;
  Performance performance_;
  PerformanceViewPtr view_;
  TimePoint view_until_{};
  SelectOptions options_;
  double purse_usd_ = 0;
  std::uint64_t turn_ = 0;
};

}  // namespace orchestra::simulation
