#include "app/learning_key.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace orchestra::app {
namespace {

class LearningKeyTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + "learning_key_" + std::to_string(getpid());
};

TEST_F(LearningKeyTest, IsMadeOnceForItsOwnerAlone) {
  const auto first = open_learning_key(folder_), again = open_learning_key(folder_);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(first->fresh);
  EXPECT_FALSE(again->fresh);
  EXPECT_EQ(first->key.first, again->key.first);
  EXPECT_EQ(first->key.second, again->key.second);
  EXPECT_NE(first->key.first, first->key.second);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder_ + "/learning.key").permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(LearningKeyTest, ADamagedOneIsASentence) {
  std::ofstream(folder_ + "/learning.key") << "short";
  const auto key = open_learning_key(folder_);
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().what, testing::HasSubstr("holds no key. Remove it"));
}

}  // namespace
}  // namespace orchestra::app
