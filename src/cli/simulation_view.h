// A simulation as tables for people.
#pragma once

#include <string>

#include "base/json.h"
#include "cli/console.h"

namespace orchestra::cli {

// `simulation` as POST /api/v1/simulations answers it. At most `rows` changes are listed.
std::string simulation_text(const json::value& simulation, const Style& style, std::size_t rows);

}  // namespace orchestra::cli
