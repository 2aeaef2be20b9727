#include "settings/routes.h"

#include <gmock/gmock.h>

#include "settings/embedded.h"
#include "settings/test_reading.h"

namespace orchestra::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RoutesTest : public ReadingTest {
 protected:
  Routes read(const std::string& yaml) { return read_with(read_routes, yaml); }
};

TEST_F(RoutesTest, TheShippedChainsAreThoseOfReadme004) {
  const Routes routes = read(std::string(embedded_routes()));
  EXPECT_EQ(text(problems_), "");
  EXPECT_EQ(routes.strategy, "auto");
  EXPECT_THAT(routes.chains[0], ElementsAre("gpt-3.5-turbo", "claude-3-5-sonnet*", "gpt-4o"));
  EXPECT_THAT(routes.chains[1], ElementsAre("claude-3-5-sonnet*", "gpt-4o", "gpt-3.5-turbo"));
  EXPECT_THAT(routes.chains[2], ElementsAre("gpt-4o", "claude-3-5-sonnet*", "gpt-3.5-turbo"));
  EXPECT_EQ(routes.chains[3].front(), "gpt-4o");
}

TEST_F(RoutesTest, AnEmptyFileLeavesTheChoiceToTheScores) {
  const Routes routes = read("");
  EXPECT_EQ(routes.strategy, "auto");
  for (const auto& chain : routes.chains) EXPECT_TRUE(chain.empty());
}

TEST_F(RoutesTest, SaysWhatIsWrong) {
  read("strategy: cheap\nchains:\n  simple: ['gpt-*-mini']\n  research: [x, auto]\n  trivial: [x]\naliases: {a: []}\n");
  const std::string told = text(problems_);
  EXPECT_THAT(told, HasSubstr("weighted_round_robin"));
  EXPECT_THAT(told, HasSubstr("gpt-*-mini"));
  EXPECT_THAT(told, HasSubstr("trivial"));
  EXPECT_THAT(told, HasSubstr("chains.research: \"auto\" goes by this chain"));
  EXPECT_THAT(told, HasSubstr("at least one model name"));
}

TEST_F(RoutesTest, ConfiguredAliasesReplaceShippedOnes) {
  const auto merged = merged_aliases({{"a", {"x"}}, {"b", {"y"}}}, {{"b", {"z"}}});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].name, "b");
  EXPECT_THAT(merged[0].chain, ElementsAre("z"));
  EXPECT_EQ(merged[1].name, "a");
}

}  // namespace
}  // namespace orchestra::settings
