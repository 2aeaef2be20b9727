// A decision in the words of the READMEs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/plan.h"

namespace orchestra {

// What is expected of the chosen model.
struct Expected {
  std::optional<double> usd;
  double seconds = 0;  // to the end of the expected answer
};

// The chosen model's row; null when none was chosen.
const Considered* chosen(const Decision& decision) noexcept;
Expected expected_of(const Considered& considered) noexcept;
// The plan behind the chosen model.
std::vector<std::string> fallbacks(const Decision& decision);
// "It ranks highest by balanced: quality 0.92, a whole answer in about 3.2 s, about $0.0031."
std::string reasoning(const Considered& considered);

}  // namespace orchestra
