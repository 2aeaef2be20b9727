// The model folder: which files are models.
#pragma once

#include <string>
#include <vector>

#include "domain/local_model.h"
#include "ports/runner.h"

namespace orchestra {

struct Scan {
  std::vector<LocalModel> models;      // sorted by id
  std::vector<ModelFinding> findings;  // files that look like models and cannot be served
};

// Every `*.gguf` below `folder` (links that leave it are not followed), at most 10,000 files, 16 folders deep. Files
// that are unchanged since `before` are not read again. Blocks on the disk. A
// missing folder is an empty scan.
Scan scan_models(const std::string& folder, const Runner& runner, const std::vector<LocalModel>& before = {});

}  // namespace orchestra
