#include "settings/chain_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "settings/problem.h"

namespace orchestra::settings {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const bool prefix = pattern.ends_with('*');
  if (prefix) pattern.remove_suffix(1);
  return ascii_lowered(prefix ? name.substr(0, pattern.size()) : name) == ascii_lowered(pattern);
}

struct Known {
  std::vector<std::string> spellings;  // aliases and configured models
  explicit Known(const Settings& settings) {
    for (const Alias& alias : settings.aliases) spellings.push_back(alias.name);
    for (const Provider& provider : settings.providers) {
      for (const std::string& model : own_models(provider)) {
        spellings.push_back(model);
        spellings.push_back(fmt::format("{}/{}", provider.name, model));
      }
    }
  }
};

bool is_public(const Settings& settings, std::string_view name) {
  const std::size_t slash = name.find('/');
  const std::string_view provider = slash == std::string_view::npos ? "" : name.substr(0, slash);
  // A model's own name may hold a slash.
  const std::string_view bare = slash == std::string_view::npos ? name : name.substr(slash + 1);
  return std::ranges::any_of(settings.known_models.rows, [&](const KnownModel& row) {
    const bool offered = provider.empty() || std::ranges::find(row.providers, provider) != row.providers.end();
    return matches(row.pattern, name) || (offered && matches(row.pattern, bare));
  });
}

}  // namespace

std::vector<StrangeName> strange_chain_names(const Settings& settings) {
  const Known known(settings);
  std::vector<StrangeName> strange;
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    for (const std::string& name : settings.routes.chains[type]) {
      if (name.ends_with('*') || name.starts_with("local/") || is_public(settings, name)) continue;
      if (std::ranges::find(known.spellings, name) != known.spellings.end()) continue;
      strange.push_back({kQueryTypeNames[type], name, nearest(name, known.spellings)});
    }
  }
  return strange;
}

std::string text(const StrangeName& strange, const Settings& settings) {
  return fmt::format("{}: chains.{}: '{:.60}' is no alias, no model of a provider's row and none of models.yaml.{}",
                     settings.routes.path, strange.chain, strange.name,
                     strange.nearest.empty() ? "" : fmt::format(" Did you mean '{}'?", strange.nearest));
}

}  // namespace orchestra::settings
