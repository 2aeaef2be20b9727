// The hybrid policies of README 000: per service, which providers answer, in which order, and when a second one is
// asked beside the first. config/hybrid_policy.yaml spells them; policy/hybrid/ acts on them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.h"

namespace orchestra {

enum class HybridStrategy : std::uint8_t { kLocalFirst, kCloudFirst };

// What stands behind a provider of a policy.
enum class HybridEngine : std::uint8_t {
  kModel,     // a model of the catalogue, through the line
  kApertium,  // the translator on this machine
  kSpeech,    // an engine or a service for speech
};

struct HybridProvider {
  std::string name;  // as it stands in the policy, and in answers
  bool local = true;
  std::string model, voice, model_path;
  double weight = 1;              // of a group's providers the heaviest is tried first, equals in the order of the file
  std::optional<Micros> timeout;  // of one call; empty: the service's
  HybridEngine engine = HybridEngine::kModel;
  std::string ask;          // kModel: the name that the line is asked for
  std::string only;         // kModel: the provider that alone may serve it, where `ask` leaves the choice; may be empty
  std::string unavailable;  // why it cannot be asked now, as a sentence; empty: it can be
  friend bool operator==(const HybridProvider&, const HybridProvider&) = default;
};

struct Hedging {
  bool enabled = true;            // false: never two calls at once, no second opinion
  int max_parallel = 2;           // calls of one request that run at once
  bool on_latency = true;         // no answer within the threshold: the next provider starts beside it
  bool on_low_confidence = true;  // an answer below the threshold: a second opinion is asked for
  bool on_error = true;           // an error: the next provider is asked
  bool prefer_confidence = true;  // of answers below the threshold the most confident is taken; false: the first
  int extra_percent = 5;          // calls that hedges on latency may add to a hundred requests
  friend bool operator==(const Hedging&, const Hedging&) = default;
};

struct HybridService {
  HybridStrategy strategy = HybridStrategy::kLocalFirst;
  std::vector<HybridProvider> providers;  // in the order in which the strategy tries them
  Micros latency_threshold{std::chrono::milliseconds(500)};
  double confidence_threshold = 0.75;
  Micros per_call_timeout{std::chrono::milliseconds(4000)};
  Hedging hedging;
  friend bool operator==(const HybridService&, const HybridService&) = default;
};

struct HybridPolicy {
  HybridService stt, tts, reason, translate;
  friend bool operator==(const HybridPolicy&, const HybridPolicy&) = default;
};

}  // namespace orchestra
