#include "settings/simulated_policy.h"

#include <gmock/gmock.h>

#include "settings/fake_folder.h"
#include "settings/test_reading.h"

namespace orchestra::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SimulatedPolicyTest : public ReadingTest {
 protected:
  SimulatedPolicy read(const std::string& yaml) { return read_with(read_simulated_policy, yaml); }
  std::string complaint(const std::string& yaml) {
    problems_.clear();
    read(yaml);
    return text(problems_);
  }
};

TEST_F(SimulatedPolicyTest, ReadsEveryKey) {
  const auto policy = read(
      "weights: { quality: 5, latency: 2.5, cost: 3, resources: 0 }\n"
      "classes:\n  simple: { strategy: cost }\n  research: { chain: [gpt-4o, claude-*] }\n"
      "providers: { allow: [openai, local], deny: azure }\nlocal_only: yes\ncost_limit_usd: 0.01\n");
  EXPECT_EQ(text(problems_), "");
  EXPECT_EQ(policy.usual.weights, (Weights{5, 2.5, 3, 0}));
  EXPECT_EQ(policy.classes[0].strategy, "cost");
  EXPECT_TRUE(policy.classes[1].empty());
  EXPECT_THAT(policy.classes[2].chain, ElementsAre("gpt-4o", "claude-*"));
  EXPECT_THAT(policy.allow, ElementsAre("openai", "local"));
  EXPECT_THAT(policy.deny, ElementsAre("azure"));
  EXPECT_TRUE(policy.local_only);
  EXPECT_EQ(policy.cost_limit, MicroUsd(10'000));
}

TEST_F(SimulatedPolicyTest, SaysWhereSomethingIsWrong) {
  EXPECT_THAT(complaint("\nstrategy: cheap\n"), testing::AllOf(HasSubstr("list.yaml:2"), HasSubstr("least_loaded")));
  EXPECT_THAT(complaint("stratgy: cost\n"), HasSubstr("Did you mean 'strategy'"));
  EXPECT_THAT(complaint("weights: { quality: -1 }\n"), HasSubstr("weights.quality"));
  EXPECT_THAT(complaint("weights: { cost: 0 }\n"), HasSubstr("above 0"));
  EXPECT_THAT(complaint("strategy: cost\nweights: { cost: 1 }\n"), HasSubstr("multi_objective"));
  EXPECT_THAT(complaint("classes: { simple: { strategy: cost, chain: [a] } }\n"), HasSubstr("classes.simple.chain"));
  EXPECT_THAT(complaint("weights: { cost: 1 }\nchain: [a]\n"), HasSubstr("weights do not"));
  EXPECT_THAT(complaint("chain: ['a*b']\n"), HasSubstr("at its end only"));
  EXPECT_THAT(complaint("classes: { hard: { strategy: cost } }\n"), HasSubstr("multimedia"));
  EXPECT_THAT(complaint("cost_limit_usd: free\n"), HasSubstr("a number"));
  EXPECT_THAT(complaint("- cost\n"), HasSubstr("mapping"));
}

TEST_F(SimulatedPolicyTest, AFileThatCannotBeReadOrSaysNothing) {
  FakeFolder folder;
  const auto problem = [&](const std::string& path) {
    const auto policy = load_simulated_policy(path, {});
    return policy ? std::string() : text(policy.error());
  };
  EXPECT_THAT(problem(folder.path() + "/none.yaml"), HasSubstr("cannot be read"));
  EXPECT_THAT(problem(folder.path()), HasSubstr("a folder"));
  folder.write("empty.yaml", "# later\n");
  EXPECT_THAT(problem(folder.path() + "/empty.yaml"), HasSubstr("says nothing"));
  folder.write("broken.yaml", "strategy: [\n");
  EXPECT_THAT(problem(folder.path() + "/broken.yaml"), HasSubstr("broken.yaml:"));
  folder.write("good.yaml", "strategy: cost\n");
  EXPECT_EQ(problem(folder.path() + "/good.yaml"), "");
}

}  // namespace
}  // namespace orchestra::settings
