#include "policy/terms.h"

#include <algorithm>

namespace orchestra {
namespace {

constexpr float kUsualUsd = 0.002F;
constexpr float kUnknownCost = 0.3F;
constexpr float kDeprecated = 0.8F;
constexpr float kPatience = 10.0F;  // seconds

float first_content_of(const ModelFacts& facts, const ModelHealth& health, const Measured& measured) noexcept {
  if (measured.first_content >= 0) return measured.first_content;
  if (health.first_content) return std::chrono::duration<float>(*health.first_content).count();
  return facts.first_content;
}

}  // namespace

Expectation expect(const ModelFacts& facts, const ModelHealth& health, const Measured& measured,
                   const Wants& wants) noexcept {
  Expectation expectation;
  const auto input = static_cast<float>(wants.input.count), output = static_cast<float>(wants.output.count);
  if (facts.input_usd >= 0 && (facts.output_usd >= 0 || output <= 0)) {
    expectation.usd = input * facts.input_usd + output * std::max(0.0F, facts.output_usd);
  }
  const float speed = measured.tokens_per_second > 0 ? measured.tokens_per_second : facts.tokens_per_second;
  expectation.first_content = facts.load + first_content_of(facts, health, measured);
  expectation.whole = expectation.first_content + output / std::max(speed, 0.1F);
  const bool paced = measured.tokens_per_second > 0 || facts.speed_claimed;
  const float usual = measured.completion >= 0 ? measured.completion : facts.completion;
  expectation.known = paced ? expectation.whole : expectation.first_content;
  if (usual >= 0) expectation.known = paced ? std::min(expectation.whole, facts.load + usual) : facts.load + usual;
  return expectation;
}

Terms terms_of(const ModelFacts& facts, const ModelHealth& health, const Measured& measured,
               const Expectation& expectation) noexcept {
  // Few divisions: this is done for every model of a catalogue.
  const float recent = static_cast<float>(health.success_permille) * 0.001F;
  const float good = std::min(recent, measured.success >= 0 ? measured.success : facts.success);
  const float patience = expectation.first_content > kPatience ? kPatience / expectation.first_content : 1.0F;
  const float success = good * patience * (facts.deprecated ? kDeprecated : 1.0F);
  return {.quality = measured.quality >= 0 ? measured.quality : facts.quality,
          .success = success,
          .latency = kUsualSeconds / (kUsualSeconds + expectation.whole),
          .cost = expectation.usd < 0 ? kUnknownCost : kUsualUsd / (kUsualUsd + expectation.usd),
          .resources = facts.resources};
}

}  // namespace orchestra
