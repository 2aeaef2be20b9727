// What a reload changes.
#pragma once

#include <string>
#include <vector>

#include "settings/settings.h"

namespace orchestra::settings {

struct Changes {
  std::vector<std::string> live;     // keys that take effect at once
  std::vector<std::string> restart;  // keys that keep their old value until the server is started again
};

// The keys whose values differ, sorted.
Changes diff(const Settings& before, const Settings& after);

// One key with its effective value in the file's spelling, for `config check --verbose`; a secret shows as "(set)".
struct EffectiveKey {
  std::string key, value;
};
std::vector<EffectiveKey> effective(const Settings& settings);

}  // namespace orchestra::settings
