// Models as the READMEs spell them.
#pragma once

#include "api/model_profile.h"
#include "api/model_scene.h"
#include "base/json.h"

namespace orchestra {

// Deterministic per id, in the form of RFC 9562's version 8: README 002's `id`.
std::string model_uuid(const ModelId& id);

// README 001's ModelStatus of a local model.
void write_load_status(JsonWriter& writer, std::string_view model_id, const WorkerView& worker, WallTime now);

// The same of a remote model, which is always in somebody's memory: whether it can be asked is the question.
void write_remote_status(JsonWriter& writer, std::string_view model_id, bool offered);

// Writes models of one moment: catalogue, fleet, performance and providers stay the same while it lives. Loop-bound.
//
// `model_id` is the shortest name that finds the model again; `full_id` has the provider in it. `performance` is what
// was measured where there are samples, else what is claimed, else null; `source` says which. `health.status` is
// healthy, degraded, unhealthy, or unknown where nobody asks: from the provider's list, the model's breaker and its
// worker.
class ModelWriter {
 public:
  explicit ModelWriter(const ModelScene& scene);
  const Catalogue& catalogue() const noexcept { return *catalogue_; }

  void write_001(JsonWriter& writer, std::size_t model) const;
  // README 002's Model with the fields of 001 and 004 that do not collide; 001's status is `load_status`.
  void write_002(JsonWriter& writer, std::size_t model) const;
  void write_004(JsonWriter& writer, std::size_t model) const;

  // README 004's refiners: fast and cheap enough to rewrite a query within half a second. A local model that is fast
  // and loaded; or a fast model whose time to first content (measured, else claimed) is at most 500 ms and whose input
  // costs at most 0.005 USD per 1,000 tokens. Only models that can be asked.
  bool is_refiner(std::size_t model) const;

  // What `performance` shows.
  struct Figures {
    std::optional<double> first_content, completion, success, quality, tokens_per_second;  // seconds
    float samples = 0;
    bool claimed = false;  // something of it
  };
  Figures figures(std::size_t model) const;
  ModelProfile profile(std::size_t model) const;
  // `health.status`
  std::string_view health_of(std::size_t model) const;
  // Null for remote models, and for local ones that were never started.
  const WorkerView* worker(const Model& model) const;

 private:
  void write_id(JsonWriter& writer, std::size_t model) const;
  void write_file_facts(JsonWriter& writer, const Model& model) const;
  void write_status_object(JsonWriter& writer, std::size_t model) const;
  void write_figures(JsonWriter& writer, std::size_t model) const;
  void write_health(JsonWriter& writer, std::size_t model) const;
  std::string_view health_status(const Model& model, const HealthFacts::Provider* provider) const;
  const HealthFacts::Provider* provider(const Model& model) const;

  const ModelScene& scene_;
  CataloguePtr catalogue_;
  FleetViewPtr fleet_;
  PerformanceViewPtr performance_;
  std::vector<HealthFacts::Provider> providers_;
  WallTime now_;
};

}  // namespace orchestra
