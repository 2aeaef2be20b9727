// Simulated outcomes: queries of kinds that a cheap model does well or badly, in many wordings.
#pragma once

#include <fmt/format.h>

#include <random>

#include "policy/classify/feature_key.h"

namespace orchestra {

inline constexpr SipKey kTestKey{.first = 17, .second = 42};

inline RequestId test_id(std::uint64_t number) {
  return *RequestId::parse(fmt::format("req_01J9ZK3V6T8Q2W{:012}", number));
}

// A query that a cheap model answers well, or one that it does not.
inline std::string simulated_query(bool easy, std::mt19937_64& random) {
  static constexpr std::array<const char*, 10> kThings{"ship",   "garden", "letter", "market", "river",
                                                       "violin", "winter", "bridge", "candle", "harbour"};
  static constexpr std::array<const char*, 4> kEasy{"Spell the word {} backwards, please.", "What rhymes with {}?",
                                                    "Give me a synonym of {} and one of {}.",
                                                    "Put {} and {} into one short sentence."};
  static constexpr std::array<const char*, 4> kHard{"Prove that every {} with a {} has a stable matching.",
                                                    "Derive the optimal {} policy under uncertain {} demand.",
                                                    "Find the flaw in this {} theorem about a {} lattice.",
                                                    "Design an auction for {} slots that no {} can manipulate."};
  const auto thing = [&] { return kThings[random() % kThings.size()]; };
  const char* pattern = easy ? kEasy[random() % kEasy.size()] : kHard[random() % kHard.size()];
  return fmt::format(fmt::runtime(pattern), thing(), thing());
}

// An outcome of a cheap model with feedback: nine of ten easy ones went well, and one of ten hard ones.
inline QueryOutcome simulated_outcome(std::uint64_t number, const FeatureKey& key, std::mt19937_64& random) {
  const bool easy = random() % 2 == 0;
  const bool good = random() % 10 < (easy ? 9U : 1U);
  QueryOutcome outcome{.id = test_id(number),
                       .features = key.keep(QueryFeatures(simulated_query(easy, random))),
                       .cheap = true,
                       .success = true,
                       .quality = good ? 1.0 : 0.0};
  return outcome;
}

inline std::vector<QueryOutcome> simulated_outcomes(std::size_t count, const FeatureKey& key) {
  std::mt19937_64 random(5);
  std::vector<QueryOutcome> outcomes;
  for (std::size_t i = 0; i < count; ++i) outcomes.push_back(simulated_outcome(i, key, random));
  return outcomes;
}

}  // namespace orchestra
