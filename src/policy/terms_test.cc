#include "policy/terms.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

TEST(Terms, TheExpectationAddsLoadFirstContentAndTheAnswer) {
  const ModelFacts facts{
      .input_usd = 1e-6F, .output_usd = 4e-6F, .first_content = 0.5F, .tokens_per_second = 50, .load = 3};
  const Wants wants{.input = Tokens(1000), .output = Tokens(100)};
  const Expectation expected = expect(facts, {}, {}, wants);
  EXPECT_FLOAT_EQ(expected.usd, 0.0014F);
  EXPECT_FLOAT_EQ(expected.first_content, 3.5F);
  EXPECT_FLOAT_EQ(expected.whole, 5.5F);
  EXPECT_FLOAT_EQ(expected.known, 3.5F) << "the speed is assumed";
  EXPECT_FLOAT_EQ(expect(facts, {}, {.tokens_per_second = 25}, wants).known, 7.5F);
  EXPECT_FLOAT_EQ(expect(facts, {}, {.tokens_per_second = 25, .completion = 2}, wants).known, 5) << "answers are short";
  EXPECT_FLOAT_EQ(expect(facts, {}, {.completion = 9}, wants).known, 12);
}

TEST(Terms, WhatWasMeasuredReplacesWhatWasClaimed) {
  const ModelFacts facts{.quality = 0.9F, .success = 0.99F, .first_content = 0.5F, .tokens_per_second = 50};
  const Measured measured{.quality = 0.4F, .success = 0.7F, .first_content = 2, .tokens_per_second = 10, .samples = 50};
  const Wants wants{.output = Tokens(100)};
  const Expectation expected = expect(facts, {.first_content = Millis(800)}, measured, wants);
  EXPECT_FLOAT_EQ(expected.whole, 12);
  const Terms terms = terms_of(facts, {}, measured, expected);
  EXPECT_FLOAT_EQ(terms.quality, 0.4F);
  EXPECT_FLOAT_EQ(terms.success, 0.7F);
  EXPECT_FLOAT_EQ(expect(facts, {.first_content = Millis(800)}, {}, wants).first_content, 0.8F)
      << "the model's recent health comes before the claim";
}

TEST(Terms, AreNormalised) {
  const ModelFacts free{.input_usd = 0, .output_usd = 0, .quality = 0.5F};
  const Terms terms = terms_of(free, {}, {}, {.usd = 0, .first_content = 0.1F, .whole = 2});
  EXPECT_FLOAT_EQ(terms.cost, 1);
  EXPECT_FLOAT_EQ(terms.latency, 0.5F);
  EXPECT_FLOAT_EQ(terms_of(free, {}, {}, {.usd = 0.002F}).cost, 0.5F);
  EXPECT_FLOAT_EQ(terms_of(free, {}, {}, {.usd = -1}).cost, 0.3F) << "an unknown price is neither free nor dear";
}

TEST(Terms, LongWaitsFailuresAndDeprecationTakeFromTheScore) {
  const ModelFacts facts{.quality = 0.8F};
  const Weights quality{.quality = 1};
  const auto score = [&](const ModelFacts& of, const ModelHealth& health, float first_content) {
    return weighted_score(terms_of(of, health, {}, {.first_content = first_content, .whole = first_content}), quality);
  };
  EXPECT_FLOAT_EQ(score(facts, {}, 1), 0.8F);
  EXPECT_FLOAT_EQ(score(facts, {}, 40), 0.2F);
  EXPECT_FLOAT_EQ(score(facts, {.success_permille = 500}, 1), 0.4F);
  ModelFacts deprecated = facts;
  deprecated.deprecated = true;
  EXPECT_FLOAT_EQ(score(deprecated, {}, 1), 0.64F);
}

TEST(Terms, AToyIsGatedAndNothingCountsWithoutWeights) {
  const Terms toy{.quality = 0.03F, .latency = 1, .cost = 1, .resources = 1};
  EXPECT_NEAR(weighted_score(toy, {.latency = 1, .cost = 1}), 0.1F, 1e-6F);
  EXPECT_EQ(weighted_score(toy, {}), 0);
}

}  // namespace
}  // namespace orchestra
