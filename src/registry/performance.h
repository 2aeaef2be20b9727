// What is measured of models: every finished request makes it better. Owned by the control loop; no clock, no I/O.
//
// Per model there is a cell for all of its requests, and one per (task, query class, prompt stratum) that was seen; per
// provider there is one. A cell holds, for each measure, weight n, mean and variance of samples whose weight halves
// every `half_life`:
//
//   n(t) = sum of w * 2^(-(t - t_i) / half_life)
//
// updated as in West, "Updating mean and variance estimates: an improved method", CACM 22(9), 1979. Providers change
// from one hour to the next, so a cell never counts for more than `most_samples`: behind so many, a new one takes the
// place of old ones (as in Gupta, Granmo and Agrawala, "Thompson Sampling for Dynamic Multi-armed Bandits", 2011).
// docs/selection.md shows what that does.
//
// What to expect of a request is the mean of its cell, pulled towards the model's, which is pulled towards the claim
// (Buehlmann's credibility, ASTIN Bulletin 4(3), 1967: Z = n / (n + k)):
//
//   model = (claim_worth * claim + n_model * mean_model) / (claim_worth + n_model)
//   cell  = (model_worth * model + n_cell * mean_cell)   / (model_worth + n_cell)
//
// Times and rates are averaged by their logarithms, so their estimates are medians. A claim counts as `claim_worth`
// samples, and where nothing is claimed `unclaimed` stands in for it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/performance.h"

namespace orchestra {

class Performance {
 public:
  struct Options {
    Micros half_life{std::chrono::hours(24)};
    double claim_worth = 8, model_worth = 16;  // samples
    double most_samples = 50;                  // that a cell's measure counts for
    // Expected of a model that nobody claims anything of. Seconds; see Estimate.
    double first_content = 1, completion = 5, tokens_per_second = 30, success = 0.97, quality = 0.5;
    // Beyond it the models that were asked longest ago are forgotten. A cell takes about 170 bytes.
    std::size_t most_cells = 200'000;
  };
  // What changed since it was last taken, to be stored.
  struct Changes {
    std::vector<PerformanceRow> rows;
    std::vector<std::string> forgotten;  // subjects
  };

  Performance() : Performance(Options()) {}
  explicit Performance(Options options) : options_(options) {}

  // Takes a fact in; what is not finite, negative or out of its range is left out of it.
  void note(const OutcomeFact& fact);
  // Takes stored cells over, at the start. Rows that make no sense are left out.
  void load(std::span<const PerformanceRow> rows);
  Changes take_changes();
  // They could not be stored: they are among the next ones.
  void put_back(Changes changes);
  bool has_changes() const noexcept { return !changed_.empty() || !forgotten_.empty(); }

  Estimate estimate(const Model& model, TaskKind task, int query_class, int stratum, WallTime now) const;
  PerformanceViewPtr view(const Catalogue& catalogue, WallTime now) const;
  std::size_t cells() const noexcept { return cells_; }

 private:
  struct Kept {
    PerformanceCell cell;
    bool changed = false;  // since it was last taken: `changed_` names it
  };
  using Cells = std::map<CellKey, Kept>;  // kWhole among them
  // What a fact says of each measure.
  using Samples = std::array<std::optional<double>, kMeasures>;
  static Samples samples_of(const OutcomeFact& fact);
  void add(const std::string& subject, Cells& cells, CellKey key, const OutcomeFact& fact, const Samples& samples);
  void mark(const std::string& subject, CellKey key, Kept& kept);
  void forget_some();
  PerformanceView::Entry entry(const Model& model, const Cells* cells, WallTime now) const;
  const Cells* find(const std::string& subject) const noexcept;
  Kept* find(const std::string& subject, CellKey key) noexcept;

  Options options_;
  std::unordered_map<std::string, Cells> subjects_;
  std::size_t cells_ = 0;
  std::vector<std::pair<std::string, CellKey>> changed_;  // each once; some may have been forgotten since
  std::vector<std::string> forgotten_;
};

}  // namespace orchestra
