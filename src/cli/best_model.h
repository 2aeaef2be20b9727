// Which of the server's models suits a kind of work best, from what the model list says. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace orchestra::cli {

struct BestModel {
  std::string model;
  std::vector<std::string> alternatives;  // next best first
  std::string reason;
};

// The kinds of work of README 003 and their synonyms: code_generation, text_generation, reasoning, analysis, ...
const std::vector<std::string>& known_tasks();

// Ranks the items of GET /v1/models. A model must be able to do the task; models that are made for it come before those
// that merely can, loaded local ones before unloaded ones of equal fitness, and larger context windows first. Errors:
// kInvalid for a task that is not known (with the nearest), kNotFound when no model can do it.
Result<BestModel> best_model(const json::array& models, std::string_view task);

}  // namespace orchestra::cli
