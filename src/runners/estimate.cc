#include "runners/estimate.h"

#include <algorithm>

namespace orchestra {
namespace {

constexpr std::int64_t kFloat = 4;

std::int64_t rounded(std::int64_t tokens) noexcept {
  return (tokens + 255) / 256 * 256;
}

// Headers are bounded but hostile; a product that does not fit is simply more memory than any machine has.
std::int64_t times(std::int64_t a, std::int64_t b) noexcept {
  constexpr std::int64_t kTooMuch = 1LL << 55;
  std::int64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return kTooMuch;
  return std::min(product, kTooMuch);
}

Bytes kv_cache(const ModelShape& model, const WorkerShape& worker) noexcept {
  std::int64_t total = 0;
  const auto whole = rounded(worker.context.count);
  for (const auto& layer : model.layers) {
    if (layer.kv_heads > 0 && !model.encoder) {
      const auto tokens = layer.window > 0 ? std::min(whole, rounded(layer.window + worker.ubatch)) : whole;
      const auto values = times(layer.kv_heads, model.key_length + model.value_length);
      total += times(times(times(tokens, worker.slots), values), worker.kv_bytes);
    } else if (layer.kv_heads == 0) {
      total += times(times(model.state_values, worker.slots), kFloat);
    }
    total = std::min<std::int64_t>(total, 1LL << 56);
  }
  return Bytes(total);
}

Bytes compute(const ModelShape& model, const WorkerShape& worker) noexcept {
  const auto logits = worker.logits ? model.vocabulary : 0;
  const auto active = std::max<std::int64_t>(model.experts_used, 1);
  const auto widest = std::max(logits, times(2 * model.feed_forward, active));
  const auto row = times(widest + 6 * model.embedding, kFloat);
  const auto mask = times(rounded(worker.context.count), kFloat + 2);
  return Bytes(times(worker.ubatch, row + mask));
}

}  // namespace

MemoryNeed estimate(const ModelShape& model, const WorkerShape& worker) noexcept {
  MemoryNeed need;
  need.weights = model.weights;
  need.kv = kv_cache(model, worker);
  need.compute = compute(model, worker);
  need.projector = worker.projector;
  need.context = mebibytes(40) + Bytes(times(times(model.vocabulary, worker.slots), kFloat)) + worker.prompt_cache;
  need.margin = std::max(mebibytes(64), Bytes(need.total().count / 20));
  return need;
}

}  // namespace orchestra
