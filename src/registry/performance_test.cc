#include "registry/performance.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace orchestra {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::FloatNear;

constexpr WallTime kNow{std::chrono::seconds(1'767'348'000)};

Model model(std::string id, ClaimedPerformance claimed = {}) {
  auto card = std::make_shared<ModelCard>();
  card->claimed = claimed;
  return {.id = {std::move(id)}, .card = std::move(card)};
}

OutcomeFact fact(Micros first_content, bool success = true, WallTime when = kNow) {
  return {.model = {"openai/a"}, .first_content = first_content, .success = success, .when = when};
}

class PerformanceTest : public ::testing::Test {
 protected:
  Estimate now(int query_class = kNoQueryClass, int stratum = 0, WallTime when = kNow) const {
    return performance_.estimate(model_, TaskKind::kChat, query_class, stratum, when);
  }
  void note(int times, const OutcomeFact& one) {
    for (int i = 0; i < times; ++i) performance_.note(one);
  }

  // Long enough a memory for exact sums.
  Performance performance_{{.half_life = hours(72), .most_samples = 1e9}};
  Model model_ = model("openai/a", {.first_content = milliseconds(150), .success_rate = 0.98, .quality = 0.92});
};

TEST_F(PerformanceTest, WithoutSamplesTheClaimStands) {
  EXPECT_FLOAT_EQ(now().first_content.value, 0.15F);
  EXPECT_FLOAT_EQ(now().success.value, 0.98F);
  EXPECT_FLOAT_EQ(now().quality.value, 0.92F);
  EXPECT_EQ(now().success.samples, 0);
  EXPECT_FLOAT_EQ(performance_.estimate(model("x/y"), TaskKind::kChat, 0, 0, kNow).quality.value, 0.5F);
}

TEST_F(PerformanceTest, MeasurementsReplaceTheClaim) {
  note(8, fact(milliseconds(600)));
  // Twice pulled towards the claim: eight samples weigh as much as it, and the cell's eight half of the model's
  // sixteen.
  const double whole = (8 * std::log(0.15) + 8 * std::log(0.6)) / 16;
  const double cell = (16 * whole + 8 * std::log(0.6)) / 24;
  EXPECT_THAT(now().first_content.value, FloatNear(static_cast<float>(std::exp(cell)), 1e-4F));
  EXPECT_FLOAT_EQ(now().first_content.samples, 8);
  note(2000, fact(milliseconds(600)));
  EXPECT_THAT(now().first_content.value, FloatNear(0.6F, 0.005F));
  EXPECT_THAT(now().success.value, FloatNear(1.0F, 0.001F));
  EXPECT_THAT(now().first_content_spread, FloatNear(0, 1e-3F));
}

TEST_F(PerformanceTest, SamplesHalveEveryHalfLife) {
  note(64, fact(milliseconds(600)));
  EXPECT_FLOAT_EQ(now().success.samples, 64);
  EXPECT_FLOAT_EQ(now(kNoQueryClass, 0, kNow + hours(72)).success.samples, 32);
  EXPECT_FLOAT_EQ(now(kNoQueryClass, 0, kNow + hours(144)).success.samples, 16);
  note(1, fact(milliseconds(600), true, kNow + hours(72)));
  EXPECT_FLOAT_EQ(now(kNoQueryClass, 0, kNow + hours(72)).success.samples, 33);
}

TEST_F(PerformanceTest, AFactThatComesLateCountsForItsAge) {
  note(1, fact(milliseconds(600), true, kNow));
  note(1, fact(milliseconds(600), true, kNow - hours(72)));
  EXPECT_FLOAT_EQ(now().success.samples, 1.5F);
}

TEST_F(PerformanceTest, AChangeIsSeenWithinDozensOfSamples) {
  performance_ = Performance();
  OutcomeFact rated = fact(milliseconds(600));
  rated.quality = 0.9;
  note(5000, rated);
  EXPECT_FLOAT_EQ(now().quality.samples, 50);
  rated.quality = 0.4;
  note(50, rated);
  EXPECT_LT(now().quality.value, 0.65F);
  note(100, rated);
  EXPECT_THAT(now().quality.value, FloatNear(0.45F, 0.06F));
  EXPECT_LE(now().quality.samples, 50.001F);
}

TEST_F(PerformanceTest, AHeavySampleStandsForAllThatACellHolds) {
  performance_ = Performance();
  OutcomeFact rated = fact(milliseconds(600));
  rated.quality = 0.9;
  note(100, rated);
  rated.quality = 0.2;
  rated.weight = 400;
  note(1, rated);
  EXPECT_THAT(now().quality.value, FloatNear(0.2F, 0.03F));
  note(1, rated);
  EXPECT_TRUE(std::isfinite(now().quality.value));
}

TEST_F(PerformanceTest, ACellIsPulledTowardsItsModel) {
  OutcomeFact good = fact(milliseconds(100));
  good.query_class = 0;
  OutcomeFact bad = fact(milliseconds(100), false);
  bad.query_class = 1;
  note(500, good);
  note(500, bad);
  EXPECT_GT(now(0).success.value, 0.97F);
  EXPECT_LT(now(1).success.value, 0.03F);
  EXPECT_THAT(now(2).success.value, FloatNear(0.5F, 0.01F)) << "a class that nobody measured is like the model";
  EXPECT_THAT(now(0, 3).success.value, FloatNear(0.5F, 0.01F));
}

TEST_F(PerformanceTest, SpeedIsThatOfTheWriting) {
  OutcomeFact one = fact(milliseconds(500));
  one.duration = milliseconds(2500);
  one.output = Tokens(100);
  note(4000, one);
  EXPECT_THAT(now().tokens_per_second.value, FloatNear(50, 1));
  EXPECT_THAT(now().completion.value, FloatNear(2.5F, 0.05F));
}

TEST_F(PerformanceTest, SpreadIsThatOfTheLogarithm) {
  note(100, fact(milliseconds(100)));
  note(100, fact(milliseconds(400)));
  EXPECT_THAT(now().first_content_spread, FloatNear(static_cast<float>(std::log(2.0)), 1e-3F));
}

TEST_F(PerformanceTest, NonsenseIsLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  OutcomeFact one = fact(milliseconds(100));
  for (const double weight : {nan, -1.0, 0.0, 1e9}) {
    one.weight = weight;
    performance_.note(one);
  }
  one.weight = 1;
  one.stratum = kPromptStrata;
  performance_.note(one);
  one.stratum = 0;
  one.query_class = 9;
  performance_.note(one);
  EXPECT_EQ(performance_.cells(), 0U);
  one.query_class = 0;
  one.quality = nan;
  one.first_content = Micros(-5);
  performance_.note(one);
  EXPECT_FLOAT_EQ(now(0).quality.value, 0.92F);
  EXPECT_EQ(now(0).quality.samples, 0);
  EXPECT_EQ(now(0).first_content.samples, 0);
  EXPECT_EQ(now(0).success.samples, 1);
}

TEST_F(PerformanceTest, AViewAnswersByIndex) {
  OutcomeFact one = fact(milliseconds(600));
  one.query_class = 2;
  one.stratum = 1;
  note(10, one);
  Catalogue catalogue;
  catalogue.version = 7;
  catalogue.models = {model_, model("x/y")};
  const auto view = performance_.view(catalogue, kNow);
  EXPECT_EQ(view->catalogue_version(), 7);
  ASSERT_EQ(view->size(), 2U);
  EXPECT_EQ(view->estimate(0, TaskKind::kChat, 2, 1).success.samples, 10);
  EXPECT_EQ(view->estimate(0, TaskKind::kChat, 2, 1).first_content.value, now(2, 1).first_content.value);
  EXPECT_EQ(view->estimate(0, TaskKind::kEmbedding, 2, 1).first_content.value, view->expected(0).first_content.value);
  EXPECT_FLOAT_EQ(view->measured(0).first_content.value, 0.6F) << "without the claim";
  EXPECT_EQ(view->measured(1).success.samples, 0);
  ASSERT_NE(view->provider("openai"), nullptr);
  EXPECT_FLOAT_EQ(view->provider("openai")->success.samples, 10);
  EXPECT_EQ(view->provider("x"), nullptr);
}

TEST_F(PerformanceTest, IsTheSameAfterItWasStored) {
  OutcomeFact one = fact(milliseconds(600), false);
  one.quality = 0.25;
  one.cost = MicroUsd(7);
  note(3, one);
  const auto changes = performance_.take_changes();
  EXPECT_EQ(changes.rows.size(), 3U) << "model, cell, provider";
  EXPECT_FALSE(performance_.has_changes());
  const Estimate before = now();
  performance_ = Performance();
  performance_.load(changes.rows);
  EXPECT_FALSE(performance_.has_changes());
  EXPECT_EQ(now().quality.value, before.quality.value);
  EXPECT_EQ(now().success.samples, before.success.samples);
  EXPECT_EQ(now().cost.value, before.cost.value);

  PerformanceRow broken = changes.rows[0];
  broken.cell.measures[0].mean = std::numeric_limits<double>::quiet_NaN();
  Performance other;
  other.load(std::vector{broken});
  EXPECT_EQ(other.cells(), 0U);
}

TEST_F(PerformanceTest, ForgetsWhatIsOldestBeyondItsBound) {
  performance_ = Performance({.most_cells = 160});
  for (int i = 0; i < 200; ++i) {
    OutcomeFact one = fact(milliseconds(100), true, kNow + hours(i));
    one.model.text = "openai/" + std::to_string(i);
    performance_.note(one);
    ASSERT_LE(performance_.cells(), 160U);
  }
  const auto changes = performance_.take_changes();
  EXPECT_THAT(changes.forgotten, testing::Contains("openai/0"));
  EXPECT_THAT(changes.forgotten, testing::Not(testing::Contains("openai/199")));
  EXPECT_EQ(changes.rows.size(), performance_.cells());
}

TEST(PromptStratum, HasFixedBounds) {
  EXPECT_EQ(prompt_stratum(Tokens(0)), 0);
  EXPECT_EQ(prompt_stratum(Tokens(255)), 0);
  EXPECT_EQ(prompt_stratum(Tokens(256)), 1);
  EXPECT_EQ(prompt_stratum(Tokens(4095)), 2);
  EXPECT_EQ(prompt_stratum(Tokens(16'383)), 3);
  EXPECT_EQ(prompt_stratum(Tokens(1'000'000)), 4);
}

}  // namespace
}  // namespace orchestra
