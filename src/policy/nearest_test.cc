#include "policy/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EditDistance, CountsEdits) {
  EXPECT_EQ(edit_distance("gpt-4o", "gpt-4o", 3), 0U);
  EXPECT_EQ(edit_distance("GPT-4O", "gpt-4o", 3), 0U);
  EXPECT_EQ(edit_distance("gtp-4o", "gpt-4o", 3), 1U);  // neighbours swapped
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3U);
  EXPECT_EQ(edit_distance("", "abc", 5), 3U);
}

TEST(EditDistance, StopsBeyondItsLimit) {
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3U);
  EXPECT_EQ(edit_distance(std::string(100'000, 'x'), "gpt", 4), 5U);
  EXPECT_EQ(edit_distance(std::string(200, 'x'), std::string(200, 'x'), 4), 5U);
}

TEST(NearestNames, ListsTheNearestFirst) {
  const std::vector<std::string_view> known = {"openai/gpt-4o", "gpt-4o", "gpt-4o-mini", "claude-3-haiku", "gpt-4"};
  EXPECT_THAT(nearest_names("gpt4o", known, 2), ElementsAre("gpt-4o", "gpt-4"));
  EXPECT_THAT(nearest_names("haiku", known, 3), ElementsAre("claude-3-haiku"));
  EXPECT_THAT(nearest_names("completely-different", known, 3), IsEmpty());
}

}  // namespace
}  // namespace orchestra
