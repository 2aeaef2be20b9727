// The secret under which a deployment keeps the features of its queries. Pure.
//
// A feature's bucket (query_features.h) anybody can compute from a word. What is kept is its place in an order of all
// buckets that only the key tells: the order of their SipHashes. Sorted and without repetitions, so that neither words
// nor their order can be read from it; who has the key can still try words. Because places are buckets in another
// order, weights that were fitted over places become weights over buckets without loss: a model that learned from
// keyed features costs a request nothing more than the shipped one (docs/adr/0009).
#pragma once

#include <string_view>
#include <vector>

#include "domain/query_outcome.h"
#include "domain/request.h"
#include "policy/classify/query_features.h"
#include "policy/classify/siphash.h"

namespace orchestra {

// What is kept of one query at most: of a longer one those features that weigh most.
inline constexpr std::size_t kMostKept = 256;

// Immutable; safe to share between threads.
class FeatureKey {
 public:
  explicit FeatureKey(const SipKey& key);

  std::uint16_t place(std::uint32_t bucket) const noexcept { return places_[bucket]; }
  std::uint32_t bucket(std::uint16_t place) const noexcept { return buckets_[place % kFeatureBuckets]; }
  std::vector<KeyedFeature> keep(const QueryFeatures& features) const;
  // Of a text, for telling whether it came before.
  std::uint64_t hash(std::string_view text) const noexcept { return siphash(key_, text); }

 private:
  SipKey key_;
  std::vector<std::uint16_t> places_, buckets_;
};

inline constexpr float kKeptUnit = 1.0F / 4096;
inline float kept_value(const KeyedFeature& feature) noexcept {
  return static_cast<float>(feature.value) * kKeptUnit;
}

}  // namespace orchestra
