#include "augment.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace demo {
namespace {

constexpr Variation kNothing{.keep = 0,
                             .courtesy = 0,
                             .drop_filler = 0,
                             .drop_other = 0,
                             .synonym = 0,
                             .misspell = 0,
                             .shuffle = 0,
                             .no_mark = 0};

Synonyms shipped() {
  auto synonyms = Synonyms::read(std::filesystem::path(ORCHESTRA_DEMO_RECIPE) / "synonyms.txt");
  EXPECT_TRUE(synonyms) << synonyms.error();
  return std::move(*synonyms);
}

TEST(Vary, ChangesNothingWithoutChances) {
  Rng rng(1);
  EXPECT_EQ(vary("How do I stop the server?", shipped(), kNothing, rng), "how do i stop the server?");
}

TEST(Vary, ReplacesPhrasesOfOneGroupOnly) {
  Variation chances = kNothing;
  chances.synonym = 1;
  Rng rng(1);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(vary("stop", shipped(), chances, rng));
  EXPECT_EQ(seen, (std::set<std::string>{"stop", "halt", "quit"}));
}

TEST(Vary, NeverLeavesAQuestionEmpty) {
  Variation chances = kNothing;
  chances.drop_filler = chances.drop_other = 1;
  Rng rng(1);
  EXPECT_EQ(vary("what is it?", shipped(), chances, rng), "what is it?");
}

TEST(Vary, MisspellsOneWord) {
  Variation chances = kNothing;
  chances.misspell = 1;
  Rng rng(1);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(vary("server", shipped(), chances, rng));
  EXPECT_TRUE(seen.contains("sever"));
  EXPECT_TRUE(seen.contains("serrver"));
  EXPECT_TRUE(seen.contains("esrver"));
}

TEST(Crossed, TakesTheHeadOfOneAndTheTailOfTheOther) {
  Rng rng(1);
  EXPECT_EQ(crossed("a b c d", "e f g h", rng), "a b g h");
}

TEST(Crossed, IsNeverEmpty) {
  Rng rng(1);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(crossed("yes", "ok", rng).empty());
}

TEST(Vary, BearsQuestionsOfOneLetter) {
  Variation chances{.keep = 0, .misspell = 1, .shuffle = 1};
  Rng rng(1);
  for (int i = 0; i < 100; ++i) EXPECT_NE(vary("x", shipped(), chances, rng), "");
}

TEST(Synonyms, RefuseAPhraseInTwoGroups) {
  const auto file = std::filesystem::path(testing::TempDir()) / "twice.txt";
  std::ofstream(file) << "run, start # a comment\nstart, begin\n";
  EXPECT_FALSE(Synonyms::read(file));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace demo
