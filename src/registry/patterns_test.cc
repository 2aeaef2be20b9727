#include "registry/patterns.h"

namespace orchestra {
namespace {

TEST(Patterns, ExactThenLongestThenFirst) {
  PatternIndex index;
  index.add("a", "gpt-4*", 0);
  index.add("a", "gpt-4o*", 1);
  index.add("a", "gpt-4o", 2);
  index.add("a", "gpt-4o*", 3);
  index.add("a", "*", 4);
  index.add("b", "gpt-4o", 5);
  EXPECT_EQ(index.find("a", "gpt-4o"), 2U);
  EXPECT_EQ(index.find("a", "gpt-4o-mini"), 1U);
  EXPECT_EQ(index.find("a", "gpt-4"), 0U);
  EXPECT_EQ(index.find("a", "x"), 4U);
  EXPECT_EQ(index.find("b", "gpt-4o"), 5U);
  EXPECT_EQ(index.find("b", "gpt-4o-mini"), std::nullopt);
  EXPECT_EQ(index.find("c", "gpt-4o"), std::nullopt);
}

TEST(Patterns, LettersOfEitherCaseAreEqual) {
  PatternIndex index;
  index.add("a", "Meta-Llama/Llama-3*", 0);
  EXPECT_EQ(index.find("a", "meta-llama/LLAMA-3.1-8B"), 0U);
  EXPECT_EQ(index.find("a", ""), std::nullopt);
}

}  // namespace
}  // namespace orchestra
