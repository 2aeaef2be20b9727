// Regret over time as an SVG picture.
#pragma once

#include <string>
#include <vector>

#include "regret_world.h"

namespace orchestra::simulation {

struct Curve {
  std::string name;
  Course course;
};
// Equal curves give equal text. Readable on light and dark pages.
std::string picture(const std::vector<Curve>& curves);

}  // namespace orchestra::simulation
