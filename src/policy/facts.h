// The catalogue as the filters and terms read it: one row of numbers per model, made once per catalogue and fleet view,
// so that a decision over ten thousand models follows no pointers. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/fleet_view.h"
#include "domain/model.h"

namespace orchestra {

struct ModelFacts {
  Capabilities capabilities = 0;  // 0: nothing is known
  bool undeclared = false;        // its capabilities are assumed
  Skills skills = 0;              // 0: nothing is known
  std::uint32_t draw = 0;         // made of the id
  std::uint16_t provider = 0;     // index into FactSheet::providers
  bool local = false, offered = true, active = true;
  bool deprecated = false;                // its card says so, or that it is unstable: ranked down
  float context = 0;                      // window in tokens; 0: unknown
  float input_usd = -1, output_usd = -1;  // per token; negative: unknown
  float quality = 0;                      // the prior, 0 to 1
  float success = 1;                      // claimed
  float first_content = 1;                // seconds, claimed or assumed, when loaded
  float tokens_per_second = 40;           // claimed or assumed
  bool speed_claimed = false;
  float completion = -1;               // seconds of a usual whole answer, claimed; negative: nobody has
  float load = 0;                      // seconds until it could answer, evictions included
  float busy = 0;                      // share of its places that are taken
  float resources = 1;                 // the term (policy/terms.h)
  bool down = false;                   // its worker has failed or is quarantined
  bool too_large = false;              // no device has a budget that holds it
  const WorkerView* worker = nullptr;  // into the fleet view; null for remote models and unknown workers
};

// Refers into the catalogue and the fleet view that it was made of.
struct FactSheet {
  std::vector<ModelFacts> models;  // by index into the catalogue
  std::vector<std::string> providers;
};

// `fleet` null: local models count as cold.
FactSheet make_fact_sheet(const Catalogue& catalogue, const FleetView* fleet);

// The prior of quality of a model that has no claim. A local one by its size: (log10(parameters) - 7) / 5, so 10
// million are 0, 8 billion 0.58, 70 billion 0.77. A remote one, whose size nobody tells, counts as 10 billion: 0.6.
// Embedding models are small by nature: always 0.6. Where a model's capabilities are assumed, at most 0.4.
float quality_prior(const Model& model) noexcept;

// Expected load of a local model that is not ready, as the fleet says or from its size; 0 for all others.
Micros expected_load(const Model& model, const WorkerView* worker) noexcept;

std::uint32_t draw_key(std::string_view id) noexcept;

}  // namespace orchestra
