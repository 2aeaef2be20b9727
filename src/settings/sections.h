// One reader per part of the configuration file. Each takes the root section and fills its part of Settings.
#pragma once

#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

void read_server(Section& root, Settings& settings);
void read_auth(Section& root, Settings& settings);
// models, engines, memory, gpu
void read_local(Section& root, Settings& settings);
// routing, aliases
void read_routing(Section& root, Settings& settings);
// learning, journal, log, data_dir, environment
void read_records(Section& root, Settings& settings);

// Time limits under `key`, shared by routing and provider rows.
void read_timeouts(Section& owner, std::string_view key, Timeouts& timeouts);

// What no single key can show: ports used twice, an open address without a key, a chain that leads into itself.
void check_rules(Reading& reading, const Settings& settings);

}  // namespace orchestra::settings
