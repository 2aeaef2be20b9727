// What `doctor` asks of rooms that the command line may not include.
#pragma once

#include "cli/run.h"

namespace orchestra::app {

cli::Inspectors inspectors();

}  // namespace orchestra::app
