#include "policy/classify/refit.h"

#include <gmock/gmock.h>

#include "policy/classify/folds.h"
#include "policy/classify/test_outcomes.h"
#include "policy/classify/traps.h"
#include "policy/select.h"

namespace orchestra {
namespace {

using ::testing::HasSubstr;

// Knows the traps, and nothing else.
Classifier knows_traps() {
  std::vector<LabelledFeatures> examples;
  for (const Trap& trap : kTraps) {
    const QueryFeatures features(trap.text);
    examples.push_back(
        {.features = {features.all().begin(), features.all().end()}, .label = static_cast<std::uint8_t>(trap.type)});
  }
  return {LinearModel::trained(examples, {}), LinearModel::trained({}, {})};
}

class RefitTest : public testing::Test {
 protected:
  Refitted run(const std::vector<QueryOutcome>& outcomes) const { return refit(shipped_, current_, outcomes, key_); }
  double chance(const Refitted& refitted, std::string_view text) const {
    return refitted.models->classify({.text = text}).cheap_suffices.value_or(-1);
  }

  const FeatureKey key_{kTestKey};
  const Classifier shipped_ = knows_traps();
  const QueryModels current_{.classifier = shipped_, .routing = std::nullopt};
};

TEST_F(RefitTest, WithFewOutcomesNothingIsPredicted) {
  const Refitted refitted = run(simulated_outcomes(kFewestTold - 1, key_));
  EXPECT_FALSE(refitted.report.predicts);
  EXPECT_FALSE(refitted.models->routing);
  EXPECT_EQ(refitted.models->classify({.text = "What rhymes with river?"}).cheap_suffices, std::nullopt);
  EXPECT_THAT(refitted.report.routing, HasSubstr("79 answers of cheap models"));
}

TEST_F(RefitTest, LearnsWhichQueriesACheapModelSufficesForAndIsCalibrated) {
  const Refitted refitted = run(simulated_outcomes(4000, key_));
  ASSERT_TRUE(refitted.report.predicts) << refitted.report.routing;
  EXPECT_GT(chance(refitted, "Give me a synonym of bridge and one of candle."), 0.8);
  EXPECT_LT(chance(refitted, "Prove that every candle with a garden has a stable matching."), 0.2);
  EXPECT_NEAR(*refitted.report.suffices, 0.5, 0.05);
  EXPECT_LT(*refitted.report.loss, 0.6 * *refitted.report.base_loss);
  EXPECT_LT(*refitted.report.calibration_error, 0.05);
}

TEST_F(RefitTest, WhatTheQueryDoesNotTellIsNotPredicted) {
  std::mt19937_64 random(9);
  auto outcomes = simulated_outcomes(3000, key_);
  for (QueryOutcome& outcome : outcomes) outcome.quality = random() % 2 == 0 ? 1.0 : 0.0;
  const Refitted refitted = run(outcomes);
  EXPECT_FALSE(refitted.report.predicts);
  EXPECT_THAT(refitted.report.routing, HasSubstr("do not tell"));
}

TEST_F(RefitTest, OutcomesOfDearModelsSayNothingOfCheapOnes) {
  auto outcomes = simulated_outcomes(1000, key_);
  for (QueryOutcome& outcome : outcomes) outcome.cheap = false;
  EXPECT_EQ(run(outcomes).report.told, 0U);
}

TEST_F(RefitTest, IsRepeatable) {
  const auto outcomes = simulated_outcomes(1000, key_);
  EXPECT_EQ(chance(run(outcomes), "What rhymes with river?"), chance(run(outcomes), "What rhymes with river?"));
}

TEST(Sufficiency, SilenceSaysLittleAndComplaintsMore) {
  QueryOutcome outcome{.cheap = true, .success = true};
  EXPECT_FALSE(sufficiency(outcome)->told);
  EXPECT_EQ(sufficiency(outcome)->target, 1);
  const float silent = sufficiency(outcome)->weight;
  outcome.abandoned = true;
  EXPECT_EQ(sufficiency(outcome)->target, 0);
  EXPECT_GT(sufficiency(outcome)->weight, silent);
  outcome.retried = true;
  EXPECT_GT(sufficiency(outcome)->weight, 0.4F);
  outcome.quality = 0.75;
  EXPECT_FLOAT_EQ(sufficiency(outcome)->target, 0.75F) << "what is said outright counts before all signs";
  EXPECT_FALSE(sufficiency({.cheap = true, .success = false})) << "a provider's failure says nothing of the query";
}

// A deployment whose technical queries look like nothing that the model was trained on.
std::vector<QueryOutcome> labelled_outcomes(std::size_t count, const FeatureKey& key) {
  std::mt19937_64 random(3);
  std::vector<QueryOutcome> outcomes;
  for (std::size_t i = 0; i < count; ++i) {
    const bool technical = random() % 2 == 0;
    const std::string text = technical
                                 ? fmt::format("restart the zorgon relay {} in bay {}", random() % 50, random() % 9)
                                 : fmt::format("who visited the castle in {}", 1500 + random() % 400);
    outcomes.push_back({.id = test_id(i),
                        .features = key.keep(QueryFeatures(text)),
                        .type_label = technical ? QueryType::kTechnical : QueryType::kSimple,
                        .success = true});
  }
  return outcomes;
}

TEST_F(RefitTest, TheClassifierLearnsTheDeploymentsOwnWords) {
  const Refitted refitted = run(labelled_outcomes(400, key_));
  ASSERT_TRUE(refitted.report.adopted) << refitted.report.classifier;
  EXPECT_EQ(refitted.models->classify({.text = "restart the zorgon relay 77"}).type, QueryType::kTechnical);
  EXPECT_EQ(refitted.models->classify({.text = "who visited the castle"}).type, QueryType::kSimple);
  EXPECT_GT(*refitted.report.accuracy_after, *refitted.report.accuracy_before);
  EXPECT_EQ(*refitted.report.accuracy_after, 1.0);
}

TEST_F(RefitTest, AClassifierThatIsWorseOnUnseenOutcomesIsDropped) {
  auto outcomes = labelled_outcomes(400, key_);
  // Those that are learned from are labelled the wrong way round.
  for (QueryOutcome& outcome : outcomes) {
    outcome.type_label = fold_of(outcome) == Fold::kTest ? QueryType::kSimple : QueryType::kResearch;
  }
  const Refitted refitted = run(outcomes);
  EXPECT_FALSE(refitted.report.adopted);
  EXPECT_THAT(refitted.report.classifier, HasSubstr("worse on outcomes"));
  EXPECT_EQ(refitted.models->classify({.text = "restart the zorgon relay"}),
            shipped_.classify({.text = "restart the zorgon relay"}));
}

TEST_F(RefitTest, AClassifierThatFallsForTrapsIsDropped) {
  // Plain questions are technical here, says everybody; the traps know better.
  std::vector<QueryOutcome> outcomes;
  for (int i = 0; i < 400; ++i) {
    const std::string text = fmt::format("{} {}?", i % 2 == 0 ? "What is the capital of country" : "Who discovered", i);
    outcomes.push_back({.id = test_id(static_cast<std::uint64_t>(i)),
                        .features = key_.keep(QueryFeatures(text)),
                        .type_label = QueryType::kTechnical,
                        .success = true});
  }
  const Refitted refitted = run(outcomes);
  EXPECT_LT(refitted.report.traps_after, refitted.report.traps_before);
  EXPECT_FALSE(refitted.report.adopted);
  EXPECT_THAT(refitted.report.classifier, HasSubstr("mislead by a word"));
}

TEST_F(RefitTest, WithFewLabelsTheClassifierStays) {
  const Refitted refitted = run(labelled_outcomes(kFewestLabels - 1, key_));
  EXPECT_FALSE(refitted.report.adopted);
  EXPECT_THAT(refitted.report.classifier, HasSubstr("39 outcomes are labelled"));
}

// Which model "auto" takes for a query, of a dear good one and a cheap middling one.
std::string choice(const QueryModels& models, std::string_view text, std::string_view strategy) {
  Catalogue catalogue{.version = 1};
  for (const auto& [id, quality, price] :
       {std::tuple("a/cheap", 0.6, 300'000), std::tuple("b/dear", 0.93, 10'000'000)}) {
    Model model{.id = ModelId{id}, .capabilities = kCanChat, .context = Tokens(100'000)};
    model.price.input = model.price.output = MicroUsd(price);
    model.card = std::make_shared<ModelCard>(ModelCard{.claimed = {.quality = quality}});
    catalogue.by_id[id] = catalogue.models.size();
    catalogue.models.push_back(std::move(model));
  }
  const FactSheet facts = make_fact_sheet(catalogue, nullptr);
  const std::vector<Measured> measured(2, Measured{.samples = 10'000});
  Classification query = models.classify({.text = text});
  query.type = QueryType::kTechnical;
  query.confidence = 1;
  const Demand demand{.strategy = std::string(strategy), .query = query};
  const SelectOptions options;
  const Shape shape{.text_bytes = 400};
  return select({.catalogue = catalogue,
                 .facts = facts,
                 .health = {},
                 .measured = measured,
                 .asked = "auto",
                 .shape = shape,
                 .demand = demand,
                 .options = options})
      .decision.plan.order.front()
      .model.text;
}

TEST_F(RefitTest, AfterItCheapModelsAreChosenWhereTheySufficeAndNotElsewhere) {
  const Refitted refitted = run(simulated_outcomes(4000, key_));
  for (const char* strategy : {"auto", "adaptive"}) {
    EXPECT_EQ(choice(*refitted.models, "What rhymes with winter?", strategy), "a/cheap");
    EXPECT_EQ(choice(*refitted.models, "Design an auction for winter slots that no bridge can manipulate.", strategy),
              "b/dear");
  }
}

}  // namespace
}  // namespace orchestra
