#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "policy/ranking.h"
#include "policy/strategies/list.h"

namespace orchestra {
namespace {

using testing::HasSubstr;

const Strategy& strategy(std::string_view name) {
  const auto found = find_strategy(name);
  EXPECT_TRUE(found) << name;
  return **found;
}

Contender contender(std::uint32_t model, float quality, float latency, float cost, float resources = 1) {
  return {.model = model,
          .draw = model * 7919 + 1,
          .terms = {.quality = quality, .success = 1, .latency = latency, .cost = cost, .resources = resources},
          .expected_usd = 0.002F / cost - 0.002F};
}

// 0 is good and dear, 1 is quick, 2 is free and weak.
std::vector<Contender> three() {
  return {contender(0, 0.95F, 0.2F, 0.1F), contender(1, 0.7F, 0.8F, 0.5F), contender(2, 0.5F, 0.3F, 1.0F)};
}

std::uint32_t first_of(std::string_view name, std::vector<Contender> contenders, const Features& features = {}) {
  return contenders[rank(strategy(name), features, contenders, 10).front()].model;
}

TEST(Strategies, EachHasItsOwnNamesAndALine) {
  std::map<std::string_view, int> names;
  ASSERT_EQ(strategies().size(), kStrategyNames.size());
  for (std::size_t i = 0; i < kStrategyNames.size(); ++i) EXPECT_EQ(strategies()[i]->name, kStrategyNames[i]);
  for (const Strategy* one : strategies()) {
    ++names[one->name];
    for (const auto alias : one->aliases) ++names[alias];
    EXPECT_FALSE(one->summary.empty()) << one->name;
  }
  for (const auto& [name, count] : names) EXPECT_EQ(count, 1) << name;
  for (const char* name :
       {"auto", "performance", "fastest", "accuracy", "best_quality", "cost", "cheapest", "balanced", "multi_objective",
        "context_aware", "adaptive", "weighted_round_robin", "least_loaded", "sticky"}) {
    EXPECT_TRUE(find_strategy(name)) << name;
  }
}

TEST(Strategies, AnUnknownNameSaysWhatIsAllowed) {
  const auto found = find_strategy("cheepest");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "unknown_strategy");
  EXPECT_THAT(found.error().what, HasSubstr("balanced"));
  EXPECT_LT(find_strategy(std::string(100'000, 'x')).error().what.size(), 600U);
}

TEST(Strategies, WeightsMustBeFiniteNotNegativeAndNotAllZero) {
  EXPECT_TRUE(check_weights({.quality = 1}));
  EXPECT_FALSE(check_weights({}));
  EXPECT_FALSE(check_weights({.quality = 1, .cost = -0.1}));
  EXPECT_FALSE(check_weights({.quality = std::nan("")}));
  EXPECT_FALSE(check_weights({.latency = std::numeric_limits<double>::infinity()}));
}

TEST(Strategies, EachPrefersWhatItIsNamedFor) {
  EXPECT_EQ(first_of("accuracy", three()), 0U);
  EXPECT_EQ(first_of("fastest", three()), 1U);
  EXPECT_EQ(first_of("cheapest", three()), 2U);
  EXPECT_EQ(first_of("multi_objective", three(), {.weights = Weights{.quality = 1}}), 0U);
  EXPECT_EQ(first_of("multi_objective", three(), {.weights = Weights{.cost = 5}}), 2U);
  auto busy = three();
  for (Contender& one : busy) one.busy = 0.9F;
  busy[2].busy = 0.1F;
  EXPECT_EQ(first_of("least_loaded", busy), 2U);
}

TEST(Strategies, AToyNeverWinsWhileSomethingElseCanAnswer) {
  const std::vector<Contender> contenders{contender(0, 0.0F, 1.0F, 1.0F), contender(1, 0.6F, 0.1F, 0.05F)};
  for (const Strategy* one : strategies()) {
    EXPECT_EQ(first_of(one->name, contenders), 1U) << one->name;
  }
}

TEST(Strategies, ContextAwareSendsLongRequestsToTheLargestWindow) {
  auto contenders = three();
  contenders[0].context = 8192;
  contenders[1].context = 16'384;
  contenders[2].context = 1'000'000;
  EXPECT_EQ(first_of("context_aware", contenders, {.input = Tokens(200)}), 1U);
  EXPECT_EQ(first_of("context_aware", contenders, {.input = Tokens(6000)}), 2U);
}

TEST(Strategies, RoundRobinKeepsTheSharesOfTheScores) {
  const std::vector<Contender> contenders{contender(0, 0.9F, 0.5F, 0.5F), contender(1, 0.8F, 0.5F, 0.5F),
                                          contender(2, 0.1F, 0.1F, 0.1F)};
  std::array<int, 3> turns{};
  for (std::uint64_t turn = 0; turn < 1000; ++turn) ++turns[first_of("round_robin", contenders, {.turn = turn})];
  EXPECT_EQ(turns[2], 0) << "far behind the others";
  EXPECT_NEAR(turns[0], 509, 3) << "0.725 to 0.7";
  std::array<int, 3> few{};
  for (std::uint64_t turn = 0; turn < 10; ++turn) ++few[first_of("round_robin", contenders, {.turn = turn})];
  EXPECT_NEAR(few[0], 5, 1);
}

TEST(Strategies, AdaptiveTriesTheUnknownAndSettlesOnTheKnown) {
  std::vector<Contender> contenders{contender(0, 0.7F, 0.5F, 0.5F), contender(1, 0.65F, 0.5F, 0.5F)};
  const auto share = [&] {
    int second = 0;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      second += first_of("adaptive", contenders, {.seed = seed, .exploration_usd = 1}) == 1 ? 1 : 0;
    }
    return second / 2000.0;
  };
  EXPECT_GT(share(), 0.3) << "little is known of either";
  for (Contender& one : contenders) one.samples = 5000;
  EXPECT_LT(share(), 0.01);
}

TEST(Strategies, AdaptiveExploresOnlyWithinItsAllowance) {
  std::vector<Contender> contenders{contender(0, 0.7F, 0.5F, 0.9F), contender(1, 0.65F, 0.5F, 0.2F)};
  int explored = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    explored += first_of("adaptive", contenders, {.seed = seed}) == 1 ? 1 : 0;
  }
  EXPECT_LT(explored, 250) << "the dear one wins only where the best is drawn down";
  int with_allowance = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    with_allowance += first_of("adaptive", contenders, {.seed = seed, .exploration_usd = 0.1}) == 1 ? 1 : 0;
  }
  EXPECT_GT(with_allowance, explored);
}

// What is not drawn, because it cannot win, takes nothing from the choice: as many are chosen how often as if everybody
// had been drawn, and those whose quality nothing could lift above the rest are never chosen.
TEST(Strategies, AdaptiveChoosesAmongManyAsAmongTheFewThatCanWin) {
  std::vector<Contender> few{contender(5, 0.7F, 0.5F, 0.5F), contender(90, 0.66F, 0.5F, 0.5F),
                             contender(400, 0.62F, 0.5F, 0.5F)};
  for (Contender& one : few) one.samples = 20;
  std::vector<Contender> many;
  for (std::uint32_t model = 0; model < 500; ++model) many.push_back(contender(model, 0.9F, 0.01F, 0.01F, 0.01F));
  for (const Contender& one : few) many[one.model] = one;
  std::map<std::uint32_t, int> chosen;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Features features{.seed = seed, .exploration_usd = 1};
    const auto first = first_of("adaptive", many, features);
    EXPECT_EQ(first, first_of("adaptive", few, features));
    ++chosen[first];
  }
  EXPECT_EQ(chosen.size(), 3U);
}

TEST(Strategies, AdaptiveDrawsByTheNormalDistribution) {
  // Two that nothing is known of: the second stands as far behind the first as one deviation of their difference.
  const float q = 0.6F, spread = 0.5F * std::sqrt(q * (1 - q) / 3);
  const std::vector<Contender> both{contender(0, q, 0.5F, 0.5F),
                                    contender(1, q - spread * std::sqrt(2.0F), 0.5F, 0.5F)};
  int second = 0;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    second += first_of("adaptive", both, {.seed = seed, .exploration_usd = 1}) == 1 ? 1 : 0;
  }
  EXPECT_NEAR(second / 20'000.0, 0.159, 0.012);
}

TEST(Strategies, StickyKeepsASessionAndSpreadsNewOnes) {
  std::vector<Contender> contenders{contender(0, 0.8F, 0.5F, 0.5F), contender(1, 0.8F, 0.5F, 0.5F),
                                    contender(2, 0.5F, 0.5F, 0.5F)};
  std::array<int, 3> sessions{};
  for (std::uint64_t session = 1; session <= 1000; ++session) {
    const auto first = first_of("sticky", contenders, {.seed = session});
    ++sessions[first];
    EXPECT_EQ(first_of("sticky", contenders, {.seed = session}), first);
  }
  EXPECT_EQ(sessions[2], 0);
  EXPECT_NEAR(sessions[0], 500, 60);
  contenders[2].in_session = true;
  EXPECT_EQ(first_of("sticky", contenders, {.seed = 1}), 2U);
  contenders[2].cooling = true;
  EXPECT_NE(first_of("sticky", contenders, {.seed = 1}), 2U);
}

TEST(Strategies, ThoseThatCoolDownComeLastAndChainsComeFirst) {
  for (const Strategy* one : strategies()) {
    auto contenders = three();
    for (Contender& cooling : contenders) cooling.cooling = true;
    contenders[2].cooling = false;
    EXPECT_EQ(first_of(one->name, contenders), 2U) << one->name;
    contenders = three();
    contenders[1].position = 1;
    contenders[2].position = 0;
    const auto order = rank(*one, {}, contenders, 10);
    EXPECT_THAT(order, testing::ElementsAre(2U, 1U, 0U)) << one->name;
  }
}

TEST(Strategies, EqualScoresStandInTheOrderOfTheCatalogue) {
  const std::vector<Contender> equal{contender(0, 0.5F, 0.5F, 0.5F), contender(1, 0.5F, 0.5F, 0.5F)};
  for (const char* name : {"auto", "balanced", "accuracy", "context_aware", "least_loaded"}) {
    EXPECT_EQ(first_of(name, equal), 0U) << name;
  }
}

}  // namespace
}  // namespace orchestra
