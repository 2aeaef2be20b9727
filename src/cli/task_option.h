// The kinds of work that --task, --best-for and `select` take.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace orchestra::cli {

std::vector<std::string> known_tasks();

// kInvalid names the nearest and all that are known.
Result<void> check_task(std::string_view task);

}  // namespace orchestra::cli
