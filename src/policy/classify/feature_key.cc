#include "policy/classify/feature_key.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace orchestra {
namespace {

static_assert(kFeatureBuckets <= std::size_t{1} << 16U, "a place has 16 bits");

std::uint64_t hash_of_bucket(const SipKey& key, std::uint32_t bucket) noexcept {
  std::array<char, sizeof bucket> bytes{};
  std::memcpy(bytes.data(), &bucket, sizeof bucket);
  return siphash(key, {bytes.data(), bytes.size()});
}

std::uint16_t quantized(float value) noexcept {
  return static_cast<std::uint16_t>(std::clamp(value / kKeptUnit + 0.5F, 1.0F, 65535.0F));
}

}  // namespace

FeatureKey::FeatureKey(const SipKey& key) : key_(key), places_(kFeatureBuckets), buckets_(kFeatureBuckets) {
  std::vector<std::uint64_t> hashes(kFeatureBuckets);
  for (std::uint32_t bucket = 0; bucket < kFeatureBuckets; ++bucket) hashes[bucket] = hash_of_bucket(key, bucket);
  std::iota(buckets_.begin(), buckets_.end(), std::uint16_t{0});
  std::ranges::sort(buckets_, {}, [&](std::uint16_t bucket) { return hashes[bucket]; });
  for (std::size_t place = 0; place < kFeatureBuckets; ++place) {
    places_[buckets_[place]] = static_cast<std::uint16_t>(place);
  }
}

std::vector<KeyedFeature> FeatureKey::keep(const QueryFeatures& features) const {
  std::vector<std::pair<std::uint16_t, float>> sums;
  sums.reserve(features.all().size());
  for (const auto& [bucket, value] : features.all()) sums.emplace_back(place(bucket), value);
  std::ranges::sort(sums);
  std::size_t distinct = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (distinct > 0 && sums[distinct - 1].first == sums[i].first) {
      sums[distinct - 1].second += sums[i].second;
    } else {
      sums[distinct++] = sums[i];
    }
  }
  sums.resize(distinct);
  if (sums.size() > kMostKept) {
    std::ranges::sort(sums, [](const auto& a, const auto& b) {
      return std::pair(-a.second, a.first) < std::pair(-b.second, b.first);
    });
    sums.resize(kMostKept);
    std::ranges::sort(sums);
  }
  std::vector<KeyedFeature> kept;
  kept.reserve(sums.size());
  for (const auto& [place, value] : sums) kept.push_back({.place = place, .value = quantized(value)});
  return kept;
}

}  // namespace orchestra
