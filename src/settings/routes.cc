#include "settings/routes.h"

#include <fmt/format.h>

#include <algorithm>

namespace orchestra::settings {
namespace {

const Alias* find_alias(const std::vector<Alias>& aliases, std::string_view name) {
  const auto found = std::ranges::find(aliases, name, &Alias::name);
  return found == aliases.end() ? nullptr : &*found;
}

}  // namespace

void read_aliases(Section aliases, std::vector<Alias>& out) {
  for (const Node& member : aliases.members()) {
    Alias alias{.name = member.key};
    aliases.texts(member.key, alias.chain);
    if (alias.chain.empty()) {
      aliases.complain(member, member.key, "An alias needs at least one model name.");
    }
    out.push_back(std::move(alias));
  }
}

Routes read_routes(Section& root) {
  Routes routes;
  std::size_t strategy = 0;
  Choices<std::size_t> names;
  for (std::size_t i = 0; i < kStrategyNames.size(); ++i) names.emplace_back(kStrategyNames[i], i);
  root.choice("strategy", strategy, names);
  routes.strategy = kStrategyNames[strategy];
  Section chains = root.section("chains");
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    chains.texts(kQueryTypeNames[type], routes.chains[type]);
    for (const std::string& name : routes.chains[type]) {
      if (name == "auto") {
        chains.complain(*chains.find(kQueryTypeNames[type]), kQueryTypeNames[type],
                        "\"auto\" goes by this chain, so that it may not stand in it: the other models stand behind "
                        "the chain anyhow.");
      }
      if (!name.empty() && name.find('*') >= name.size() - 1) continue;
      chains.complain(*chains.find(kQueryTypeNames[type]), kQueryTypeNames[type],
                      fmt::format("'{:.60}': a name is not empty, and a '*' may stand at its end only.", name));
    }
  }
  chains.finish();
  read_aliases(root.section("aliases"), routes.aliases);
  root.finish();
  return routes;
}

std::vector<Alias> merged_aliases(const std::vector<Alias>& shipped, const std::vector<Alias>& configured) {
  std::vector<Alias> merged = configured;
  for (const Alias& alias : shipped) {
    if (find_alias(configured, alias.name) == nullptr) merged.push_back(alias);
  }
  return merged;
}

}  // namespace orchestra::settings
