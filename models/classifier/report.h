// How well a classifier does on queries that it was not trained on.
#pragma once

#include <array>
#include <span>
#include <string>
#include <utility>

#include "policy/classify/linear_model.h"

namespace orchestra {

struct Report {
  std::array<std::array<int, kClasses>, kClasses> confusion{};  // [label][answer]
  double accuracy = 0;
  double calibration = 0;  // expected calibration error over ten bins of confidence
};

// `scored` are scores and labels; probabilities are taken at `temperature`.
Report report(std::span<const std::pair<ClassScores, std::uint8_t>> scored, float temperature);

// The confusion matrix as a Markdown table with recall per row.
std::string table(const Report& report, std::span<const std::string_view> names);

}  // namespace orchestra
