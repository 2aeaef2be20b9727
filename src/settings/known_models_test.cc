#include "settings/known_models.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "settings/embedded.h"
#include "settings/fake_folder.h"
#include "settings/test_reading.h"

namespace orchestra::settings {
namespace {

using testing::HasSubstr;

class KnownModelsTest : public ReadingTest {
 protected:
  KnownModels read(const std::string& yaml) { return read_with(read_known_models, yaml); }
  static const KnownModel& row(const KnownModels& known, std::string_view pattern) {
    const auto found = std::ranges::find(known.rows, pattern, &KnownModel::pattern);
    EXPECT_NE(found, known.rows.end()) << pattern;
    return *found;
  }
};

TEST_F(KnownModelsTest, TheShippedListIsWellFormed) {
  const KnownModels known = read(std::string(embedded_models()));
  EXPECT_EQ(text(problems_), "");
  EXPECT_GT(known.rows.size(), 80U);
  EXPECT_EQ(known.as_of, "2026-11-01");
}

TEST_F(KnownModelsTest, CarriesReadme004sFigures) {
  const KnownModels known = read(std::string(embedded_models()));
  const KnownModel& gpt = row(known, "gpt-4o-2024-08-06");
  EXPECT_EQ(gpt.card->claimed.first_content, Micros(150'000));
  EXPECT_EQ(gpt.card->claimed.completion, Micros(2'500'000));
  EXPECT_EQ(gpt.card->claimed.success_rate, 0.98);
  EXPECT_EQ(gpt.card->claimed.quality, 0.92);
  EXPECT_EQ(gpt.context, Tokens(128'000));
  EXPECT_EQ(gpt.card->limits.output, Tokens(4096));
  EXPECT_EQ(gpt.card->limits.requests_per_minute, 10'000);
  EXPECT_EQ(gpt.card->limits.tokens_per_minute, 200'000);
  EXPECT_FALSE(gpt.card->fast);
  const KnownModel& small = row(known, "gpt-3.5-turbo-0125");
  EXPECT_TRUE(small.card->fast);
  EXPECT_EQ(small.card->claimed.completion, Micros(800'000));
  EXPECT_EQ(small.context, Tokens(16'385));
  EXPECT_EQ(row(known, "claude-3-5-sonnet-20241022").card->claimed.quality, 0.94);
}

TEST_F(KnownModelsTest, ARowCountsForAllItsNamesAndProviders) {
  const KnownModels known = read(
      "openai:\n  also: [azure, openrouter]\n  models:\n    gpt-9*, o9: {family: f, capabilities: [chat, tools], "
      "skills: "
      "[code], fast: true}\n");
  ASSERT_EQ(known.rows.size(), 2U) << text(problems_);
  EXPECT_EQ(known.rows[0].pattern, "gpt-9*");
  EXPECT_EQ(known.rows[1].pattern, "o9");
  EXPECT_THAT(known.rows[1].providers, testing::ElementsAre("openai", "azure", "openrouter"));
  EXPECT_EQ(known.rows[1].capabilities, kCanChat | kCanUseTools);
  EXPECT_EQ(known.rows[1].card->skills, kSkilledInCode);
  EXPECT_EQ(known.rows[1].context, std::nullopt);
}

TEST_F(KnownModelsTest, RefusesNonsenseWithItsPlace) {
  read(
      "x:\n  models:\n    a: {quality: .nan}\n    b: {success: 1.5}\n    c: {context: -1}\n    d: {capabilities: "
      "[chta]}\n"
      "    e: {qualty: 1}\n    f*g: {}\n    h: {first_content: soon}\n    i: {status: old}\n    j: {quality: 1e3}\n");
  const std::string all = text(problems_);
  EXPECT_THAT(all, HasSubstr("list.yaml:3:18: x.models.a.quality: This must be a number from 0 to 1."));
  EXPECT_THAT(all, HasSubstr("list.yaml:4:18: x.models.b.success: This must be a number from 0 to 1."));
  EXPECT_THAT(all, HasSubstr("x.models.c.context: This must be a whole number"));
  EXPECT_THAT(all, HasSubstr("'chta' is not known here. Did you mean 'chat'?"));
  EXPECT_THAT(all, HasSubstr("x.models.e.qualty: This key is not known. Did you mean 'quality'?"));
  EXPECT_THAT(all, HasSubstr("a '*' may stand at its end only."));
  EXPECT_THAT(all, HasSubstr("x.models.h.first_content: This must be a duration"));
  EXPECT_THAT(all, HasSubstr("x.models.i.status"));
  EXPECT_THAT(all, HasSubstr("x.models.j.quality"));
}

TEST(KnownModelsFile, IsReadWhereTheConfigurationNamesIt) {
  FakeFolder folder;
  LoadOptions options = folder.options();
  const std::string mine = folder.write("mine.yaml", "openai:\n  models:\n    one: {quality: 0.5}\n");
  options.config = folder.write("orchestra.yaml", "models_file: " + mine + "\n");
  const auto loaded = load(options);
  ASSERT_TRUE(loaded) << text(loaded.error());
  ASSERT_EQ(loaded->known_models.rows.size(), 1U);
  EXPECT_EQ(loaded->known_models.rows[0].pattern, "one");

  options.config = folder.write("orchestra.yaml", "models_file: nowhere.yaml\n");
  const auto missing = load(options);
  ASSERT_FALSE(missing);
  EXPECT_THAT(text(missing.error()), HasSubstr("nowhere.yaml: There is no such file."));
}

}  // namespace
}  // namespace orchestra::settings
