// How well models do, as measured: statistics, what they lead one to expect, and a snapshot of it for the select step.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/units.h"
#include "domain/outcome.h"

namespace orchestra {

// What is measured. Times and rates are kept by their natural logarithm, so that one slow answer is not a hundred.
enum class Measure : std::uint8_t { kFirstContent, kCompletion, kTokensPerSecond, kSuccess, kQuality, kCost };
constexpr std::size_t kMeasures = 6;

// Weighted mean and sum of squared deviations.
struct Moments {
  double weight = 0, mean = 0, squares = 0;
  friend bool operator==(const Moments&, const Moments&) = default;
};

// Decayed statistics as of `at`.
struct PerformanceCell {
  WallTime at{};
  std::array<Moments, kMeasures> measures;
  friend bool operator==(const PerformanceCell&, const PerformanceCell&) = default;
};

// Where a cell stands: kWhole, or a combination of task, class and stratum.
using CellKey = std::int16_t;
constexpr CellKey kWhole = -1;
constexpr CellKey kCellKeys = 3 * (kQueryClasses + 1) * kPromptStrata;
constexpr CellKey cell_key(TaskKind task, int query_class, int stratum) noexcept {
  const int column = (query_class + 1) * kPromptStrata + stratum;
  return static_cast<CellKey>(static_cast<int>(task) * (kQueryClasses + 1) * kPromptStrata + column);
}

// A cell as it is stored. `subject` is a model's id, or a provider's name, which holds no slash and has kWhole only.
struct PerformanceRow {
  std::string subject;
  CellKey key = kWhole;
  PerformanceCell cell;
  friend bool operator==(const PerformanceRow&, const PerformanceRow&) = default;
};

// A figure and how much stands behind it: the number of fresh samples that its decayed ones are worth; 0: a prior
// alone.
struct Figure {
  float value = 0, samples = 0;
};

struct Estimate {
  Figure quality, success;           // 0 to 1
  Figure first_content, completion;  // seconds; the median
  Figure tokens_per_second;
  Figure cost;                     // micro-dollars of a request
  float first_content_spread = 0;  // standard deviation of its natural logarithm
};

// Immutable; posted to each loop together with the catalogue that its indexes belong to.
class PerformanceView {
 public:
  struct Cell {
    CellKey key;
    Estimate estimate;
  };
  struct Entry {
    Estimate expected;  // of the model as a whole
    Estimate measured;  // without priors; samples 0 where nothing was measured
    std::vector<Cell> cells;
  };

  explicit PerformanceView(std::int64_t catalogue_version = 0) : catalogue_version_(catalogue_version) {}
  void reserve(std::size_t models) {
    places_.reserve(models);
    expected_.reserve(models);
    measured_.reserve(models);
  }
  // The next model of the catalogue. Its cells are sorted by key.
  void add(const Entry& entry) {
    places_.push_back({static_cast<std::uint32_t>(cells_.size()), static_cast<std::uint32_t>(entry.cells.size())});
    expected_.push_back(entry.expected);
    measured_.push_back(entry.measured);
    cells_.insert(cells_.end(), entry.cells.begin(), entry.cells.end());
  }
  void add_provider(std::string name, const Estimate& measured) { providers_.emplace_back(std::move(name), measured); }

  std::int64_t catalogue_version() const noexcept { return catalogue_version_; }
  std::size_t size() const noexcept { return expected_.size(); }

  // `model` is an index into the catalogue of that version. What is expected of such a request; of the model as a whole
  // where nothing of the kind was measured. A comparison of integers per cell of the model, and no allocation.
  const Estimate& estimate(std::size_t model, TaskKind task, int query_class, int stratum) const noexcept {
    const auto [first, count] = places_[model];
    if (count == 0) return expected_[model];
    const auto begin = cells_.begin() + first, end = begin + count;
    const CellKey key = cell_key(task, query_class, stratum);
    const auto found = std::lower_bound(begin, end, key, [](const Cell& cell, CellKey k) { return cell.key < k; });
    return found != end && found->key == key ? found->estimate : expected_[model];
  }
  // Null: no request of that very kind was measured.
  const Estimate* cell(std::size_t model, TaskKind task, int query_class, int stratum) const noexcept {
    const Estimate& found = estimate(model, task, query_class, stratum);
    return &found == &expected_[model] ? nullptr : &found;
  }
  const Estimate& expected(std::size_t model) const noexcept { return expected_[model]; }
  const Estimate& measured(std::size_t model) const noexcept { return measured_[model]; }
  // Null: nothing was measured of it.
  const Estimate* provider(std::string_view name) const noexcept {
    const auto found = std::ranges::find(providers_, name, &std::pair<std::string, Estimate>::first);
    return found == providers_.end() ? nullptr : &found->second;
  }

 private:
  struct Place {
    std::uint32_t first, count;
  };
  std::int64_t catalogue_version_;
  std::vector<Place> places_;
  std::vector<Estimate> expected_, measured_;
  std::vector<Cell> cells_;
  std::vector<std::pair<std::string, Estimate>> providers_;
};
using PerformanceViewPtr = std::shared_ptr<const PerformanceView>;  // shared: every loop holds the latest

}  // namespace orchestra
