#include "registry/catalogue.h"

namespace orchestra {
namespace {

Model model(std::string id, bool local = false) {
  Model made;
  made.id.text = std::move(id);
  made.local = local;
  return made;
}

TEST(Catalogue, SortsMergesAndIndexes) {
  CatalogueParts parts;
  parts.by_provider["openai"] = {model("openai/b"), model("openai/a"), model("openai/a")};
  parts.by_provider["other"] = {model("other/a")};
  const Catalogue catalogue = build_catalogue(parts, 7);
  ASSERT_EQ(catalogue.models.size(), 3U);
  EXPECT_EQ(catalogue.version, 7);
  EXPECT_EQ(catalogue.models[0].id.text, "openai/a");
  EXPECT_EQ(catalogue.by_bare_name.at("a").size(), 2U);
  EXPECT_EQ(catalogue.models[catalogue.by_id.at("other/a")].id.text, "other/a");
}

TEST(Catalogue, TakesTheLongestMatchingPrice) {
  CatalogueParts parts;
  parts.by_provider["openai"] = {model("openai/gpt-4o-mini-x"), model("openai/o9")};
  parts.by_provider["local"] = {model("local/m", true)};
  parts.prices = {{.provider = "openai", .pattern = "gpt-4o*", .price = {.input = MicroUsd(5)}},
                  {.provider = "openai", .pattern = "gpt-4o-mini*", .price = {.input = MicroUsd(1)}},
                  {.provider = "other", .pattern = "o9", .price = {.input = MicroUsd(9)}}};
  const Catalogue catalogue = build_catalogue(parts, 1);
  EXPECT_EQ(catalogue.models[catalogue.by_id.at("openai/gpt-4o-mini-x")].price.input, MicroUsd(1));
  EXPECT_EQ(catalogue.models[catalogue.by_id.at("openai/o9")].price.input, std::nullopt);
  EXPECT_EQ(catalogue.models[catalogue.by_id.at("local/m")].price.output, MicroUsd(0));
  EXPECT_EQ(catalogue.models[catalogue.by_id.at("local/m")].price.cached_input, MicroUsd(0));
}

TEST(Catalogue, AnExactPriceGoesBeforeAPrefix) {
  CatalogueParts parts;
  parts.by_provider["openai"] = {model("openai/gpt-4o")};
  parts.prices = {{.provider = "openai", .pattern = "gpt-4o*", .price = {.input = MicroUsd(5)}},
                  {.provider = "openai", .pattern = "gpt-4o", .price = {.input = MicroUsd(1)}}};
  EXPECT_EQ(build_catalogue(parts, 1).models[0].price.input, MicroUsd(1));
}

class Known : public ::testing::Test {
 protected:
  void know(std::string provider, std::string pattern, Capabilities capabilities, std::int64_t context) {
    auto card = std::make_shared<ModelCard>();
    card->family = pattern;
    parts_.known.push_back({.providers = {std::move(provider)},
                            .pattern = std::move(pattern),
                            .capabilities = capabilities,
                            .context = Tokens(context),
                            .card = std::move(card)});
  }
  void record(ModelRecord record) {
    parts_.records =
        std::make_shared<const Records>(std::vector<RecordPtr>{std::make_shared<const ModelRecord>(std::move(record))});
  }
  Model only() {
    const Catalogue catalogue = build_catalogue(parts_, 1);
    EXPECT_EQ(catalogue.models.size(), 1U);
    return catalogue.models.at(0);
  }

  CatalogueParts parts_;
};

TEST_F(Known, IsFoundInAnyCaseAndBehindTheLastSlash) {
  know("together", "llama-3.3*", kCanChat, 131'072);
  parts_.by_provider["together"] = {model("together/meta-llama/Llama-3.3-70B-Instruct-Turbo")};
  EXPECT_EQ(only().card->family, "llama-3.3*");
  EXPECT_EQ(only().context, Tokens(131'072));
  EXPECT_EQ(only().capabilities, kCanChat);
}

TEST_F(Known, AProviderThatNoRowNamesIsKnownByTheNamesOfItsModels) {
  know("openai", "gpt-4o", kCanChat | kCanSeeImages, 128'000);
  parts_.by_provider["gateway"] = {model("gateway/openai/gpt-4o")};
  parts_.by_provider["gateway"][0].features_assumed = true;
  EXPECT_EQ(only().capabilities, kCanChat | kCanSeeImages);
  EXPECT_FALSE(only().features_assumed);
  know("gateway", "other", kCanChat, 1);
  EXPECT_TRUE(only().features_assumed) << "its own rows are all that is known of it";
}

TEST_F(Known, TheServicesOwnWindowGoesBefore) {
  know("vllm", "m", kCanChat, 131'072);
  parts_.by_provider["vllm"] = {model("vllm/m")};
  parts_.by_provider["vllm"][0].context = Tokens(4096);
  EXPECT_EQ(only().context, Tokens(4096));
}

TEST_F(Known, AFilesHeaderKnowsWhatItCan) {
  know("local", "m*", kCanChat, 131'072);
  parts_.by_provider["local"] = {model("local/m", true)};
  parts_.by_provider["local"][0].facts.emplace();
  parts_.by_provider["local"][0].capabilities = kCanEmbed;
  EXPECT_EQ(only().capabilities, kCanEmbed);
  EXPECT_EQ(only().card->family, "m*");
}

TEST_F(Known, OfANewChatModelAllWaysAreAssumedAndNoneIsKnown) {
  parts_.by_provider["x"] = {model("x/new")};
  record({.id = ModelId{"x/new"}, .tasks = kCanChat});
  EXPECT_TRUE(only().features_assumed);
  EXPECT_NE(only().capabilities & kCanUseTools, 0U);
  EXPECT_EQ(known_capabilities(only()), kCanChat);
  record({.id = ModelId{"x/new"}, .tasks = kCanChat, .features = kCanStream});
  EXPECT_FALSE(only().features_assumed);
  EXPECT_EQ(known_capabilities(only()), kCanChat | kCanStream);
}

TEST_F(Known, ANameThatReadsLikeAPreviewIsABeta) {
  parts_.by_provider["x"] = {model("x/one-preview-2026")};
  EXPECT_EQ(only().card->maturity, Maturity::kBeta);
  know("x", "one*", kCanChat, 1);
  EXPECT_EQ(only().card->maturity, Maturity::kStable);
}

TEST_F(Known, WhatIsRegisteredGoesBeforeWhatIsKnown) {
  know("openai", "gpt-9", kCanChat | kCanUseTools, 1000);
  parts_.by_provider["openai"] = {model("openai/gpt-9")};
  parts_.prices = {{.provider = "openai", .pattern = "gpt-9", .price = {.input = MicroUsd(5), .output = MicroUsd(6)}}};
  record({.id = {"openai/gpt-9"},
          .tasks = kCanComplete,
          .context = Tokens(2000),
          .price = {.input = MicroUsd(1)},
          .maturity = Maturity::kDeprecated,
          .active = false});
  const Model merged = only();
  EXPECT_EQ(merged.capabilities, kCanComplete | kCanUseTools) << "tasks are replaced, features kept";
  EXPECT_EQ(merged.context, Tokens(2000));
  EXPECT_EQ(merged.price.input, MicroUsd(1));
  EXPECT_EQ(merged.price.output, MicroUsd(6));
  EXPECT_EQ(merged.card->family, "gpt-9");
  EXPECT_EQ(merged.card->maturity, Maturity::kDeprecated);
  EXPECT_FALSE(merged.card->active);
  EXPECT_TRUE(merged.card->registered);
  EXPECT_TRUE(merged.offered);
}

TEST_F(Known, ARegisteredModelIsOfferedOnlyWhereItsProviderIsSetUp) {
  record({.id = {"anthropic/claude-9"}, .tasks = kCanChat});
  EXPECT_FALSE(only().offered);
  parts_.set_up["anthropic"] = Dialect::kAnthropic;
  EXPECT_TRUE(only().offered);
  EXPECT_EQ(only().dialect, Dialect::kAnthropic);
  EXPECT_TRUE(only().capabilities & kCanUseTools) << "nothing is known of it: it may be able to do all";
}

TEST_F(Known, ARegisteredFileThatIsMissingIsNotOffered) {
  record({.id = {"local/gone"}, .tasks = kCanChat});
  EXPECT_TRUE(only().local);
  EXPECT_FALSE(only().offered);
}

}  // namespace
}  // namespace orchestra
