#include "app/chain_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "policy/names.h"
#include "settings/chain_names.h"

namespace orchestra::app {

void ChainWatch::look(const settings::Settings& settings, const Catalogue& catalogue) {
  if (std::exchange(version_, catalogue.version) == catalogue.version) return;
  const auto strange = settings::strange_chain_names(settings);
  const bool built_in = settings.routes.path.starts_with("built-in");
  std::vector<std::string> told;
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    for (const std::string& name : resolve_chain(catalogue, settings.routes.chains[type]).unknown) {
      const bool unheard_of = std::ranges::find(strange, name, &settings::StrangeName::name) != strange.end();
      if (built_in && !unheard_of) continue;
      told.push_back(fmt::format("{}: chains.{} names '{:.60}', which nothing offers now: the choice passes over it",
                                 settings.routes.path, kQueryTypeNames[type], name));
      if (std::ranges::find(told_, told.back()) != told_.end()) continue;
      if (unheard_of) {
        log::warning("{}", told.back());
      } else {
        log::info("{}", told.back());
      }
    }
  }
  told_ = std::move(told);
}

}  // namespace orchestra::app
