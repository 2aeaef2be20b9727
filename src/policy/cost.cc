#include "policy/cost.h"

#include <algorithm>
#include <limits>

namespace orchestra {
namespace {

// Token counts come from upstreams: a lying one may claim 2^62 tokens, and the product must not overflow.
__extension__ typedef __int128 Wide;

constexpr Wide kMillion = 1'000'000;

MicroUsd clamped(Wide micros) noexcept {
  return MicroUsd(static_cast<std::int64_t>(std::clamp<Wide>(micros, 0, std::numeric_limits<std::int64_t>::max())));
}

// Adds count * price to `sum`; false when the price is needed and unknown.
bool add(Wide& sum, std::int64_t count, const std::optional<MicroUsd>& price) noexcept {
  if (count <= 0) return true;
  if (!price) return false;
  sum += Wide{count} * price->count;
  return true;
}

std::optional<MicroUsd> dearest(std::optional<MicroUsd> plain,
                                std::initializer_list<std::optional<MicroUsd>> others) noexcept {
  if (!plain) return std::nullopt;
  for (const auto& other : others) {
    if (other) plain = std::max(*plain, *other);
  }
  return plain;
}

}  // namespace

std::optional<MicroUsd> cost(const Usage& usage, const Price& price) noexcept {
  // Subtract one by one from what is left: parts that add up to more than the whole must not wrap around.
  const auto without = [](std::int64_t left, Tokens part) {
    return std::max<std::int64_t>(0, left - std::max<std::int64_t>(0, part.count));
  };
  const auto input =
      without(without(without(usage.input.count, usage.cached_input), usage.cache_write), usage.audio_input);
  const auto output = without(without(usage.output.count, usage.reasoning), usage.audio_output);
  Wide sum = 0;
  const bool known =
      add(sum, input, price.input) && add(sum, output, price.output) &&
      add(sum, usage.cached_input.count, price.cached_input) && add(sum, usage.cache_write.count, price.cache_write) &&
      add(sum, usage.reasoning.count, price.reasoning) && add(sum, usage.audio_input.count, price.audio_input) &&
      add(sum, usage.audio_output.count, price.audio_output);
  if (!known) return std::nullopt;
  return clamped((sum + kMillion / 2) / kMillion);
}

std::optional<MicroUsd> reservation(Tokens input, Tokens most_output, const Price& price) noexcept {
  Wide sum = 0;
  const bool known =
      add(sum, input.count, dearest(price.input, {price.cached_input, price.cache_write, price.audio_input})) &&
      add(sum, most_output.count, dearest(price.output, {price.reasoning, price.audio_output}));
  if (!known) return std::nullopt;
  return clamped((sum + kMillion - 1) / kMillion);
}

}  // namespace orchestra
