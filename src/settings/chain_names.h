// Names in the chains of `auto` that nobody offers, as far as a configuration tells without asking anybody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.h"

namespace orchestra::settings {

struct StrangeName {
  std::string_view chain;  // "simple"
  std::string name;
  std::string nearest;  // an alias or a configured model that is spelled nearly so; may be empty
};

// What is neither an alias, nor a model that a provider's row names, nor one of models.yaml. Names that end in '*' and
// models of this machine ("local/...") are not judged.
std::vector<StrangeName> strange_chain_names(const Settings& settings);

// A sentence that names the file and the key.
std::string text(const StrangeName& strange, const Settings& settings);

}  // namespace orchestra::settings
