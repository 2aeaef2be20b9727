#include "policy/simulate.h"

#include "policy/test_select.h"

namespace orchestra {
namespace {

// Three models whose prices and qualities differ, decided for a simple question.
Asked three() {
  auto catalogue =
      catalogue_of({remote("cheap/mini", kEverything, 128'000, 400'000),
                    remote("dear/large", kEverything, 128'000, 30'000'000), local("local/llama", 8'000'000'000)});
  for (Model& model : catalogue.models) {
    const double quality = model.id.text == "dear/large" ? 0.98 : model.id.text == "cheap/mini" ? 0.6 : 0.5;
    model.card = std::make_shared<ModelCard>(ModelCard{.claimed = {.quality = quality}});
  }
  Asked asked(std::move(catalogue));
  asked.demand.strategy = "accuracy";
  asked.demand.query = Classification{.type = QueryType::kSimple, .confidence = 0.9};
  return asked;
}

std::string chosen(const Decision& decision, const SimulatedPolicy& policy) {
  const auto redecision = simulate(decision, policy);
  if (!redecision) return redecision.error().what;
  return redecision->simulated == nullptr ? "nobody" : redecision->simulated->model.text;
}

TEST(Simulate, AnEmptyPolicyChangesNothing) {
  const Decision decision = three().select("auto").decision;
  const auto redecision = simulate(decision, {});
  ASSERT_TRUE(redecision);
  EXPECT_EQ(redecision->stored, redecision->simulated);
  EXPECT_EQ(redecision->stored->model.text, "dear/large");
  EXPECT_FALSE(redecision->named || redecision->unknown.shortlist || redecision->unknown.session);
}

TEST(Simulate, AnotherStrategyOrOtherWeightsChooseOtherwise) {
  const Decision decision = three().select("auto").decision;
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "cost"}}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "", .weights = Weights{.cost = 1}}}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "", .weights = Weights{.quality = 1}}}), "dear/large");
}

TEST(Simulate, AClassHasItsOwnRule) {
  const Decision decision = three().select("auto").decision;
  SimulatedPolicy policy{.usual = {.strategy = "accuracy"}};
  policy.classes[static_cast<std::size_t>(QueryType::kTechnical)].strategy = "cost";
  EXPECT_EQ(chosen(decision, policy), "dear/large");
  policy.classes[static_cast<std::size_t>(QueryType::kSimple)].strategy = "cost";
  EXPECT_EQ(chosen(decision, policy), "cheap/mini");
}

TEST(Simulate, AChainStandsBeforeTheScores) {
  const Decision decision = three().select("auto").decision;
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "", .chain = {"no-such", "mini", "dear/large"}}}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "", .chain = {"dear/*"}}}), "dear/large");
}

TEST(Simulate, AStoredChainBelongsToAuto) {
  Asked asked = three();
  asked.demand.strategy = "auto";
  asked.chain = {asked.catalogue.by_id.at("cheap/mini")};
  const Decision decision = asked.select("auto").decision;
  EXPECT_EQ(chosen(decision, {}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "auto"}}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.usual = {.strategy = "accuracy"}}), "dear/large");
}

TEST(Simulate, FiltersOfThePolicyRefuse) {
  const Decision decision = three().select("auto").decision;
  EXPECT_EQ(chosen(decision, {.deny = {"dear"}}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.allow = {"local", "cheap"}, .deny = {"cheap"}}), "local/llama");
  EXPECT_EQ(chosen(decision, {.local_only = true}), "local/llama");
  EXPECT_EQ(chosen(decision, {.cost_limit = MicroUsd(400)}), "cheap/mini");
  EXPECT_EQ(chosen(decision, {.allow = {"nobody-here"}}), "nobody");
}

TEST(Simulate, WhatTheCallerNamedStands) {
  const Decision decision = three().select("dear/large").decision;
  const auto redecision = simulate(decision, {.usual = {.strategy = "cost"}});
  ASSERT_TRUE(redecision);
  EXPECT_TRUE(redecision->named);
  EXPECT_EQ(redecision->simulated->model.text, "dear/large");
  EXPECT_EQ(chosen(decision, {.deny = {"dear"}}), "nobody");
}

TEST(Simulate, SaysWhatADecisionDoesNotHold) {
  Asked asked = three();
  const auto sticky = simulate(asked.select("auto").decision, {.usual = {.strategy = "sticky"}});
  ASSERT_TRUE(sticky);
  EXPECT_TRUE(sticky->unknown.session);
  const auto automatic = simulate(asked.select("auto").decision, {.usual = {.strategy = "auto"}});
  ASSERT_TRUE(automatic);
  EXPECT_TRUE(automatic->unknown.chain);
  std::vector<Model> many;
  for (int i = 0; i < 90; ++i) many.push_back(remote("zoo/m" + std::to_string(i)));
  const auto crowd = simulate(Asked(catalogue_of(std::move(many))).select("auto").decision, {});
  ASSERT_TRUE(crowd);
  EXPECT_TRUE(crowd->unknown.shortlist);
}

TEST(Simulate, RefusesDecisionsWithoutContenders) {
  EXPECT_FALSE(simulate({.features = {.strategy = "auto"}}, {}));
}

TEST(Simulate, ChecksAPolicy) {
  EXPECT_TRUE(check_policy({}));
  EXPECT_TRUE(check_policy({.usual = {.strategy = "cheapest"}}));
  EXPECT_FALSE(check_policy({.usual = {.strategy = "cheap"}}));
  EXPECT_FALSE(check_policy({.usual = {.strategy = "cost", .weights = Weights{.cost = 1}}}));
  EXPECT_FALSE(check_policy({.usual = {.strategy = "", .weights = Weights{}}}));
  EXPECT_FALSE(check_policy({.usual = {.strategy = "cost", .chain = {"a"}}}));
  SimulatedPolicy policy;
  policy.classes[2].weights = Weights{.cost = -1};
  EXPECT_FALSE(check_policy(policy));
}

}  // namespace
}  // namespace orchestra
