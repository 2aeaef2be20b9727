#include "settings/chain_names.h"

#include <gmock/gmock.h>

#include "settings/fake_folder.h"
#include "settings/load.h"

namespace orchestra::settings {
namespace {

// Of the shipped configuration with that routes.yaml beside it.
std::vector<std::string> strange(const std::string& routes, const std::string& config = "") {
  FakeFolder folder;
  folder.write("orchestra.yaml", config);
  if (!routes.empty()) folder.write("routes.yaml", routes);
  const auto loaded = load({.config = folder.path() + "/orchestra.yaml", .working_dir = folder.path()});
  EXPECT_TRUE(loaded) << (loaded ? "" : text(loaded.error()));
  if (!loaded) return {"it is not valid"};
  std::vector<std::string> names;
  for (const StrangeName& one : strange_chain_names(*loaded)) {
    names.push_back(std::string(one.chain) + " " + one.name + (one.nearest.empty() ? "" : " ~ " + one.nearest));
  }
  return names;
}

TEST(ChainNames, OfTheShippedChainsNoneIsStrange) {
  EXPECT_THAT(strange(""), testing::IsEmpty());
}

TEST(ChainNames, AliasesConfiguredAndPublicModelsAreKnown) {
  const char* const config =
      "providers:\n- {name: mine, base_url: 'http://localhost:9/v1', key: k, models: [org/model-a, model-b]}\n"
      "aliases: {team: [mine/model-b]}\n";
  EXPECT_THAT(strange("chains:\n"
                      "  simple: [team, org/model-a, mine/org/model-a, model-b, GPT-4o, openai/gpt-4o, whatever-*]\n"
                      "  research: [tema, mine/gpt-4o, model-c, gpt4o]\n",
                      config),
              testing::ElementsAre("research tema ~ team", "research mine/gpt-4o", "research model-c ~ model-b",
                                   "research gpt4o"));
}

}  // namespace
}  // namespace orchestra::settings
