// The command line of the program `ai-orchestra`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "settings/load.h"
#include "settings/settings.h"

namespace orchestra::cli {

// Runs the server until it stops; returns the exit code.
using Serve = std::function<int(const settings::LoadOptions&)>;

// What rooms that the command line may not include can tell `doctor`. Where one is empty, its check is left out.
struct Inspectors {
  // A sentence about a sound model file ("llama, 8.0 B parameters, Q4_K_M"), or a sentence that says what is wrong with
  // it.
  std::function<Result<std::string>(const std::string& path)> model_file;
  // Where the engine is and which release, or why there is none.
  std::function<Result<std::string>(const settings::Settings&)> engine;
  // One sentence per GPU, or why there is none.
  std::function<Result<std::vector<std::string>>()> gpus;
};

// Exit codes: 0 done, 1 it failed, 2 the command line or the configuration is wrong.
int run(int argc, char** argv, Serve serve, Inspectors inspectors = {});

}  // namespace orchestra::cli
