// How `auto` chooses: config/routes.yaml.
#pragma once

#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

// The file's own head explains every key.
Routes read_routes(Section& root);

// Aliases, shipped and configured, with the configured ones in place of shipped ones of their name.
std::vector<Alias> merged_aliases(const std::vector<Alias>& shipped, const std::vector<Alias>& configured);

void read_aliases(Section aliases, std::vector<Alias>& out);

}  // namespace orchestra::settings
