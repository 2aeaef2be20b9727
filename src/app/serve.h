// The command `serve`: from a configuration to a running server and back to an exit code.
#pragma once

#include "settings/load.h"

namespace orchestra::app {

// Blocks until the server has stopped. 0: stopped in good order; 1: it could not run; 2: the configuration is wrong.
// Problems go to standard error.
int serve(const settings::LoadOptions& load);

}  // namespace orchestra::app
