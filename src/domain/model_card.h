// What is known of a model besides what its provider lists: the card that the registry keeps (README 004's schema, with
// the fields of README 001 and 002). All of it is optional; a model without a card can be served all the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/units.h"

namespace orchestra {

enum class Maturity : std::uint8_t { kStable, kBeta, kDeprecated, kUnstable };

constexpr std::array<std::string_view, 4> kMaturityNames{"stable", "beta", "deprecated", "unstable"};
constexpr std::string_view maturity_name(Maturity maturity) noexcept {
  return kMaturityNames[static_cast<std::size_t>(maturity)];
}

// What a model is good at, as a bit set: the task words of README 003.
enum Skill : std::uint16_t {
  kSkilledInCompletion = 1U << 0,
  kSkilledInConversation = 1U << 1,
  kSkilledInCode = 1U << 2,
  kSkilledInReasoning = 1U << 3,
  kSkilledInAnalysis = 1U << 4,
  kSkilledInCreativeWriting = 1U << 5,
  kSkilledInTranslation = 1U << 6,
  kSkilledInRefinement = 1U << 7,  // rewrites a query within the refiner's budget
};
using Skills = std::uint16_t;

constexpr std::array<std::pair<Skill, std::string_view>, 8> kSkillNames{{{kSkilledInCompletion, "completion"},
                                                                         {kSkilledInConversation, "conversation"},
                                                                         {kSkilledInCode, "code"},
                                                                         {kSkilledInReasoning, "reasoning"},
                                                                         {kSkilledInAnalysis, "analysis"},
                                                                         {kSkilledInCreativeWriting, "creative"},
                                                                         {kSkilledInTranslation, "translation"},
                                                                         {kSkilledInRefinement, "refinement"}}};

// What its maker or an operator says of it. Only the prior: what is measured replaces it.
struct ClaimedPerformance {
  std::optional<Micros> first_content;  // to the first token, loaded
  std::optional<Micros> completion;     // of a usual answer
  std::optional<double> tokens_per_second;
  std::optional<double> success_rate;  // 0 to 1
  std::optional<double> quality;       // 0 to 1
  friend bool operator==(const ClaimedPerformance&, const ClaimedPerformance&) = default;
};

struct ModelLimits {
  std::optional<Tokens> output;  // the longest answer
  std::optional<std::int64_t> requests_per_minute, tokens_per_minute;
  friend bool operator==(const ModelLimits&, const ModelLimits&) = default;
};

struct ModelVersion {
  std::string version;
  std::string path;  // of a local file, below the model folder; empty for remote models
  WallTime created{};
  bool active = false;
  friend bool operator==(const ModelVersion&, const ModelVersion&) = default;
};

struct ModelCard {
  std::string family, version, type, description, currency = "USD";
  Maturity maturity = Maturity::kStable;
  bool active = true;  // README 002's INACTIVE: never chosen, and refused when asked for by name
  Skills skills = 0;
  bool fast = false;  // README 004's fast_inference
  ClaimedPerformance claimed;
  ModelLimits limits;
  std::optional<double> cost_per_token;  // README 002's, in USD
  // README 001's facts of a file.
  std::optional<double> megabytes, million_parameters;
  std::string quantization;
  bool on_gpu = true, on_cpu = true;
  std::vector<std::string> tags, recommended_for, not_recommended_for;
  std::string release_date, deprecation_date;  // ISO dates; empty: not known
  std::string metadata, configuration;         // JSON objects; empty: none
  std::vector<ModelVersion> versions;
  bool registered = false;  // an operator's record is part of it
  WallTime created{}, updated{};
  friend bool operator==(const ModelCard&, const ModelCard&) = default;
};

}  // namespace orchestra
