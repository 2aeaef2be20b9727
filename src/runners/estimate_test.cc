#include "runners/estimate.h"

namespace orchestra {
namespace {

ModelShape llama7b() {
  ModelShape shape;
  shape.embedding = 4096;
  shape.feed_forward = 11008;
  shape.vocabulary = 32000;
  shape.key_length = shape.value_length = 128;
  shape.layers.assign(32, LayerShape{.heads = 32, .kv_heads = 32});
  shape.weights = Bytes(3'800'000'000);
  return shape;
}

TEST(Estimate, KvCacheIsTheTextbookFormula) {
  // 32 layers * 4096 tokens * 32 heads * (128 + 128) values * 2 bytes = 2 GiB, for each of two slots.
  const auto need = estimate(llama7b(), {.slots = 2, .context = Tokens(4096)});
  EXPECT_EQ(need.kv, mebibytes(4096));
  EXPECT_EQ(need.weights, Bytes(3'800'000'000));
  EXPECT_GT(need.total(), need.kv + need.weights + need.compute);
}

TEST(Estimate, GroupedHeadsAndWindowsShrinkIt) {
  auto shape = llama7b();
  for (auto& layer : shape.layers) layer.kv_heads = 8;
  EXPECT_EQ(estimate(shape, {.context = Tokens(4096)}).kv, mebibytes(512));
  for (std::size_t i = 0; i < 16; ++i) shape.layers[i].window = 512;
  // Half of the layers keep window + ubatch = 1024 of 4096 tokens.
  EXPECT_EQ(estimate(shape, {.context = Tokens(4096)}).kv, mebibytes(256 + 64));
}

TEST(Estimate, EncodersKeepNoCacheAndRecurrentLayersAState) {
  auto shape = llama7b();
  shape.encoder = true;
  EXPECT_EQ(estimate(shape, {.context = Tokens(512)}).kv, Bytes(0));
  shape.encoder = false;
  for (auto& layer : shape.layers) layer.kv_heads = 0;
  shape.state_values = 1024;
  EXPECT_EQ(estimate(shape, {.slots = 2, .context = Tokens(512)}).kv, Bytes(32 * 2 * 4096));
}

TEST(Estimate, GrowsWithEveryInput) {
  const auto base = estimate(llama7b(), {.slots = 1, .context = Tokens(2048)}).total();
  EXPECT_GT(estimate(llama7b(), {.slots = 2, .context = Tokens(2048)}).total(), base);
  EXPECT_GT(estimate(llama7b(), {.slots = 1, .context = Tokens(4096)}).total(), base);
  EXPECT_GT(estimate(llama7b(), {.slots = 1, .context = Tokens(2048), .ubatch = 2048}).total(), base);
  EXPECT_GT(estimate(llama7b(), {.slots = 1, .context = Tokens(2048), .prompt_cache = mebibytes(100)}).total(), base);
}

TEST(Estimate, HostileShapesDoNotOverflow) {
  ModelShape shape;
  shape.embedding = shape.feed_forward = shape.vocabulary = shape.key_length = shape.value_length = 1LL << 32;
  shape.experts_used = 1LL << 32;
  shape.layers.assign(2048, LayerShape{.heads = 65536, .kv_heads = 65536});
  const auto need = estimate(shape, {.slots = 64, .context = Tokens(1LL << 32)});
  EXPECT_GT(need.total(), Bytes(1LL << 50));
}

}  // namespace
}  // namespace orchestra
