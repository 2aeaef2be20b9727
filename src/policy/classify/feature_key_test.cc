#include "policy/classify/feature_key.h"

#include <gmock/gmock.h>

#include <set>

namespace orchestra {
namespace {

constexpr SipKey kKey{.first = 0x0123456789abcdef, .second = 0xfedcba9876543210};

TEST(SipHash, GivesTheValueOfItsAuthors) {
  // Appendix A: the key 00 01 .. 0f and the bytes 00 01 .. 0e.
  std::string bytes;
  for (char c = 0; c < 15; ++c) bytes += c;
  EXPECT_EQ(siphash({.first = 0x0706050403020100, .second = 0x0f0e0d0c0b0a0908}, bytes), 0xa129ca6149be45e5U);
}

TEST(FeatureKey, IsAnOrderOfAllBuckets) {
  const FeatureKey key(kKey);
  std::set<std::uint16_t> places;
  for (std::uint32_t bucket = 0; bucket < kFeatureBuckets; ++bucket) {
    places.insert(key.place(bucket));
    ASSERT_EQ(key.bucket(key.place(bucket)), bucket);
  }
  EXPECT_EQ(places.size(), kFeatureBuckets);
}

TEST(FeatureKey, AnotherKeyGivesOtherPlaces) {
  const FeatureKey one(kKey), other({.first = kKey.first + 1, .second = kKey.second});
  int same = 0;
  for (std::uint32_t bucket = 0; bucket < kFeatureBuckets; ++bucket) same += one.place(bucket) == other.place(bucket);
  EXPECT_LT(same, 20) << "one is expected by chance";
  EXPECT_NE(one.hash("text"), other.hash("text"));
}

TEST(FeatureKey, KeepsEveryFeatureOnceWithItsValueAndNotTheOrderOfWords) {
  const FeatureKey key(kKey);
  const QueryFeatures features("which which which bird is that");
  const auto kept = key.keep(features);
  float all = 0, sum = 0;
  for (const auto& [bucket, value] : features.all()) all += value;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    sum += kept_value(kept[i]);
    if (i > 0) EXPECT_LT(kept[i - 1].place, kept[i].place);
  }
  EXPECT_NEAR(sum, all, 0.02);
}

TEST(FeatureKey, OfALongTextItKeepsWhatWeighsMost) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "word" + std::to_string(i * 7919) + " ";
  for (int i = 0; i < 20; ++i) text += "kubernetes ";
  const FeatureKey key(kKey);
  const QueryFeatures features(text);
  const auto kept = key.keep(features);
  EXPECT_EQ(kept.size(), kMostKept);
  float most = 0;
  for (const KeyedFeature& feature : kept) most = std::max(most, kept_value(feature));
  EXPECT_GT(most, 0.39F) << "the marks of the text's shape are among them";
}

}  // namespace
}  // namespace orchestra
