#include "policy/cheap.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

Contender contender(float quality, float usd) {
  return {.terms = {.quality = quality}, .expected_usd = usd};
}

TEST(Cheap, IsAQuarterOfWhatTheBestModelCosts) {
  const std::vector<Contender> all{contender(0.9F, 0.04F), contender(0.6F, 0.01F), contender(0.7F, 0.011F),
                                   contender(0.5F, 0), contender(0.99F, -1)};
  const auto border = cheap_border(all);
  ASSERT_TRUE(border);
  EXPECT_FLOAT_EQ(border->dear_quality, 0.9F) << "a model whose price is unknown is no measure";
  EXPECT_TRUE(is_cheap(all[1], *border));
  EXPECT_FALSE(is_cheap(all[2], *border));
  EXPECT_TRUE(is_cheap(all[3], *border));
  EXPECT_FALSE(is_cheap(all[4], *border));
}

TEST(Cheap, NothingIsCheapBesideAFreeBestModel) {
  EXPECT_FALSE(cheap_border(std::vector{contender(0.9F, 0), contender(0.6F, 0.01F)}));
  EXPECT_FALSE(cheap_border(std::vector{contender(0.9F, -1)}));
  EXPECT_FALSE(cheap_border({}));
}

TEST(Cheap, TheChanceTakesThePlaceOfACheapModelsQualityAlone) {
  const std::vector<Contender> all{contender(0.9F, 0.04F), contender(0.6F, 0.01F)};
  Features features{.query = Classification{.cheap_suffices = 1.0}};
  EXPECT_FLOAT_EQ(ChanceOfCheap(features, all).terms(all[1]).quality, 0.25F * 0.6F + 0.75F * 0.9F);
  EXPECT_FLOAT_EQ(ChanceOfCheap(features, all).terms(all[0]).quality, 0.9F);
  features.query->cheap_suffices = 0.0;
  EXPECT_FLOAT_EQ(ChanceOfCheap(features, all).terms(all[1]).quality, 0.25F * 0.6F);
  features.query->cheap_suffices.reset();
  EXPECT_FLOAT_EQ(ChanceOfCheap(features, all).terms(all[1]).quality, 0.6F);
}

TEST(Cheap, ADecisionTellsWhetherItsModelWasCheap) {
  Decision decision;
  decision.considered = {{.model = {"a/dear"}, .contender = contender(0.9F, 0.04F)},
                         {.model = {"b/cheap"}, .contender = contender(0.6F, 0.01F)},
                         {.model = {"c/unpriced"}, .contender = contender(0.6F, -1)},
                         {.model = {"d/refused"}, .verdict = "capability"}};
  EXPECT_EQ(was_cheap(decision, {"a/dear"}), false);
  EXPECT_EQ(was_cheap(decision, {"b/cheap"}), true);
  EXPECT_EQ(was_cheap(decision, {"c/unpriced"}), std::nullopt);
  EXPECT_EQ(was_cheap(decision, {"d/refused"}), std::nullopt);
}

}  // namespace
}  // namespace orchestra
