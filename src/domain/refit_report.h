// What the last refit of the query models found, for people.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/units.h"

namespace orchestra {

struct RefitReport {
  WallTime at{};
  Micros took{};
  std::size_t outcomes = 0;  // that it learned from

  // The classifier. Accuracies are of query types, on labelled outcomes that were kept apart.
  std::size_t labelled = 0, held_out = 0;
  std::optional<double> accuracy_before, accuracy_after;
  std::size_t traps = 0, traps_before = 0, traps_after = 0;  // misleading queries that the program carries: right ones
  bool adopted = false;                                      // a newly fitted classifier is in use
  std::string classifier;                                    // a sentence: what became of it

  // The routing model. `told` are outcomes of cheap models of which somebody or something said how good they were.
  std::size_t told = 0;
  std::optional<double> suffices;           // the share of them that was good enough
  std::optional<double> loss, base_loss;    // log loss on those kept apart; and of saying `suffices` of all
  std::optional<double> calibration_error;  // expected calibration error there
  bool predicts = false;
  std::string routing;  // a sentence
};
using RefitReportPtr = std::shared_ptr<const RefitReport>;  // shared: by the loops; null: none yet

}  // namespace orchestra
