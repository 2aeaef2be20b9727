#include "runners/gguf.h"

#include <fstream>
#include <limits>
#include <sstream>

#include "runners/gguf_shape.h"
#include "runners/testing/gguf_writer.h"

namespace orchestra {
namespace {

Result<GgufHeader> parse(const std::string& bytes, const GgufLimits& limits = {}) {
  std::istringstream in(bytes);
  return read_gguf(in, bytes.size(), limits);
}

std::string sentence(const std::string& bytes) {
  const auto header = parse(bytes);
  if (header) return "accepted";
  EXPECT_EQ(header.error().fault, Fault::kUnprocessable);
  return header.error().what;
}

template <class T>
std::string le(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

TEST(Gguf, ReadsWhatWasWritten) {
  auto writer = small_llama();
  writer.u64("big", 1ULL << 40).f32("real", 0.5F).flag("yes", true).u32s("per_layer", {1, 2});
  const auto header = parse(writer.finish());
  ASSERT_TRUE(header) << header.error().what;
  EXPECT_EQ(header->version, 3U);
  EXPECT_EQ(header->text("general.architecture"), "llama");
  EXPECT_EQ(header->integer("big"), 1LL << 40);
  EXPECT_EQ(std::get<double>(header->values.at("real")), 0.5);
  EXPECT_EQ(std::get<bool>(header->values.at("yes")), true);
  EXPECT_EQ(header->integers("per_layer"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(header->count("tokenizer.ggml.tokens"), 3U);
  EXPECT_EQ(header->tensors, 2U);
  EXPECT_EQ(header->parameters, 256);
  EXPECT_EQ(header->tensor_bytes, Bytes(1024));
  EXPECT_EQ(header->integer("absent"), std::nullopt);
}

TEST(Gguf, ReadsVersionTwo) {
  EXPECT_TRUE(parse(small_llama().finish(2)));
}

TEST(Gguf, EveryPrefixIsRefused) {
  const std::string whole = small_llama().finish();
  // The last tensor ends on the alignment, so that every shorter file misses data.
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_NE(sentence(whole.substr(0, length)), "accepted") << length;
  }
}

TEST(Gguf, EveryFlippedByteIsRefusedOrRead) {
  const std::string whole = small_llama().finish();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      const auto header = parse(changed);
      if (header) (void)shape_of(*header);
    }
  }
}

TEST(Gguf, NamesTheDamage) {
  EXPECT_THAT(sentence("GGUF"), testing::HasSubstr("shorter"));
  EXPECT_THAT(sentence(std::string(64, 'x')), testing::HasSubstr("GGUF"));
  EXPECT_THAT(sentence("GGUF" + le<std::uint32_t>(0x03000000) + std::string(64, '\0')),
              testing::HasSubstr("big-endian"));
  EXPECT_THAT(sentence("GGUF" + le<std::uint32_t>(9) + std::string(64, '\0')), testing::HasSubstr("version 9"));
  EXPECT_THAT(sentence("GGUF" + le<std::uint32_t>(1) + std::string(64, '\0')), testing::HasSubstr("version 1"));
  const auto counts = [](std::uint64_t tensors, std::uint64_t values) {
    return "GGUF" + le<std::uint32_t>(3) + le(tensors) + le(values) + std::string(64, '\0');
  };
  EXPECT_THAT(sentence(counts(~0ULL, 0)), testing::HasSubstr("tensors"));
  EXPECT_THAT(sentence(counts(0, ~0ULL)), testing::HasSubstr("key-values"));
}

TEST(Gguf, RefusesLyingLengths) {
  const auto with = [](std::uint32_t type, const std::string& value) {
    return GgufWriter().bytes("key", type, value).finish();
  };
  EXPECT_THAT(sentence(with(8, le(~0ULL))), testing::HasSubstr("past the end"));
  EXPECT_THAT(sentence(with(9, le<std::uint32_t>(0) + le(~0ULL))), testing::HasSubstr("past the end"));
  EXPECT_THAT(sentence(with(9, le<std::uint32_t>(8) + le(~0ULL))), testing::HasSubstr("past the end"));
  EXPECT_THAT(sentence(with(9, le<std::uint32_t>(12) + le(1ULL << 61))), testing::HasSubstr("past the end"));
  EXPECT_THAT(sentence(with(9, le<std::uint32_t>(9) + le(1ULL))), testing::HasSubstr("array of arrays"));
  EXPECT_THAT(sentence(with(9, le<std::uint32_t>(77) + le(1ULL))), testing::HasSubstr("element type 77"));
  EXPECT_THAT(sentence(with(13, "")), testing::HasSubstr("type 13"));
  EXPECT_THAT(sentence(with(7, std::string(1, '\x02'))), testing::HasSubstr("boolean"));
}

TEST(Gguf, RefusesRepeatedKeysAndTensors) {
  EXPECT_THAT(sentence(GgufWriter().u32("a", 1).u32("a", 2).finish()), testing::HasSubstr("\"a\" comes twice"));
  const std::vector<float> one(8, 0);
  EXPECT_THAT(sentence(GgufWriter().tensor("t", {8}, one).tensor("t", {8}, one).finish()),
              testing::HasSubstr("comes twice"));
}

TEST(Gguf, RefusesImpossibleTensors) {
  EXPECT_THAT(sentence(GgufWriter().tensor("t", 0, {~0ULL, ~0ULL}, "").finish()),
              testing::HasSubstr("impossibly large"));
  EXPECT_THAT(sentence(GgufWriter().tensor("t", 0, {1ULL << 40}, "").finish()), testing::HasSubstr("past the end"));
  EXPECT_THAT(sentence(GgufWriter().tensor("t", 4, {32}, "").finish()), testing::HasSubstr("unknown type 4"));
  EXPECT_THAT(sentence(GgufWriter().tensor("t", 99, {32}, "").finish()), testing::HasSubstr("unknown type 99"));
  EXPECT_THAT(sentence(GgufWriter().tensor("t", 12, {100}, "").finish()), testing::HasSubstr("whole blocks"));
  EXPECT_THAT(sentence(GgufWriter().tensor("t", 0, {1, 1, 1, 1, 1}, "").finish()), testing::HasSubstr("5 dimensions"));
  EXPECT_THAT(sentence(GgufWriter().u32("general.alignment", 33).finish()), testing::HasSubstr("alignment"));
}

TEST(Gguf, HoldsItsLimits) {
  GgufWriter writer;
  writer.text("long", std::string(1000, 'x'));
  GgufLimits limits;
  limits.text_length = 999;
  EXPECT_FALSE(parse(writer.finish(), limits));
  limits = {};
  limits.header_bytes = 500;
  EXPECT_FALSE(parse(writer.finish(), limits));
  limits = {};
  limits.kept_bytes = 500;
  EXPECT_FALSE(parse(writer.finish(), limits));
}

TEST(Gguf, SkipsLongArraysWithoutKeepingThem) {
  GgufWriter writer;
  writer.u32s("scores", std::vector<std::uint32_t>(100'000, 7)).u32("after", 5);
  const auto header = parse(writer.finish());
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->integers("scores").empty());
  EXPECT_EQ(header->count("scores"), 100'000U);
  EXPECT_EQ(header->integer("after"), 5);
}

TEST(GgufShape, ReadsASmallModel) {
  const auto header = parse(small_llama(3).finish());
  ASSERT_TRUE(header);
  const auto shape = shape_of(*header);
  ASSERT_TRUE(shape) << shape.error().what;
  EXPECT_EQ(shape->architecture, "llama");
  EXPECT_EQ(shape->quantization, "F32");
  EXPECT_EQ(shape->layers.size(), 3U);
  EXPECT_EQ(shape->layers[0].heads, 4);
  EXPECT_EQ(shape->layers[0].kv_heads, 2);
  EXPECT_EQ(shape->key_length, 16);
  EXPECT_EQ(shape->vocabulary, 3);
  EXPECT_FALSE(shape->encoder);
}

TEST(GgufShape, SlidingLayersByPatternAndByArchitecture) {
  auto shaped = [](GgufWriter writer) {
    const auto header = parse(writer.tensor("t", {4}, std::vector<float>(4)).finish());
    return shape_of(*header).value();
  };
  GgufWriter listed;
  listed.text("general.architecture", "x")
      .u32("x.block_count", 3)
      .u32("x.embedding_length", 8)
      .u32("x.context_length", 8192);
  listed.u32s("x.attention.head_count", {2, 0, 2}).u32("x.attention.sliding_window", 128);
  listed.u32s("x.attention.sliding_window_pattern", {1, 0, 1});
  const auto shape = shaped(listed);
  EXPECT_EQ(shape.layers[0].window, 128);
  EXPECT_EQ(shape.layers[1].window, 0);
  EXPECT_EQ(shape.layers[1].kv_heads, 0);
  GgufWriter gemma;
  gemma.text("general.architecture", "gemma3").u32("gemma3.block_count", 7).u32("gemma3.embedding_length", 8);
  gemma.u32("gemma3.context_length", 8192)
      .u32("gemma3.attention.head_count", 2)
      .u32("gemma3.attention.sliding_window", 512);
  const auto layers = shaped(gemma).layers;
  EXPECT_EQ(layers[4].window, 512);
  EXPECT_EQ(layers[5].window, 0);
  EXPECT_EQ(layers[6].window, 512);
}

TEST(GgufShape, RefusesWhatMakesNoSense) {
  const auto refused = [](GgufWriter writer) {
    const auto header = parse(writer.finish());
    return header ? shape_of(*header).error().what : header.error().what;
  };
  const std::vector<float> one(8, 0);
  EXPECT_THAT(refused(GgufWriter().u32("x", 1)), testing::HasSubstr("architecture"));
  EXPECT_THAT(refused(GgufWriter().text("general.architecture", "llama")), testing::HasSubstr("vocabulary only"));
  auto base = GgufWriter()
                  .text("general.architecture", "a")
                  .tensor("t", {8}, one)
                  .u32("a.embedding_length", 8)
                  .u32("a.context_length", 8);
  EXPECT_THAT(refused(base), testing::HasSubstr("0 layers"));
  EXPECT_THAT(refused(GgufWriter(base).u32("a.block_count", 4'000'000'000U)), testing::HasSubstr("layers"));
  EXPECT_THAT(refused(GgufWriter(base).u32("a.block_count", 4).u32s("a.attention.head_count", {1, 2})),
              testing::HasSubstr("every layer"));
  EXPECT_THAT(refused(GgufWriter(base).u32("a.block_count", 4).u32("a.attention.head_count", 1U << 30)),
              testing::HasSubstr("makes no sense"));
  EXPECT_THAT(refused(GgufWriter(base).u32("a.block_count", 4).u64("a.expert_count", ~0ULL)),
              testing::HasSubstr("makes no sense"));
}

}  // namespace
}  // namespace orchestra
