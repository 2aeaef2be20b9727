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

}  // namespace
}  // namespace orchestra
