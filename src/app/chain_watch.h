// Tells in the log which names in the chains of `auto` stand for nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/model.h"
#include "settings/settings.h"

namespace orchestra::app {

// Bound to the control loop.
class ChainWatch {
 public:
  // Once per catalogue, and each sentence once as long as it is true. A name that nothing in the configuration knows is
  // a warning; one of a provider that is not set up here is a note, and none where the chains are the built-in ones.
  void look(const settings::Settings& settings, const Catalogue& catalogue);

 private:
  std::int64_t version_ = -1;
  std::vector<std::string> told_;
};

}  // namespace orchestra::app
