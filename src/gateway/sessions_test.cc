#include "gateway/sessions.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

constexpr TimePoint kStart{};

TEST(Sessions, RemembersTheLastModelOfEach) {
  Sessions sessions;
  EXPECT_EQ(sessions.model(7, kStart), "");
  sessions.stands(7, ModelId{"a/x"}, kStart);
  sessions.stands(8, ModelId{"a/y"}, kStart);
  EXPECT_EQ(sessions.model(7, kStart), "a/x");
  sessions.stands(7, ModelId{"a/z"}, kStart);
  EXPECT_EQ(sessions.model(7, kStart), "a/z");
  EXPECT_EQ(sessions.size(), 2U);
}

TEST(Sessions, ForgetsTheQuietestFirstAndAllAfterAWhile) {
  Sessions sessions({.most = 2, .kept = std::chrono::minutes(10)});
  sessions.stands(1, ModelId{"a/x"}, kStart);
  sessions.stands(2, ModelId{"a/x"}, kStart + Seconds(1));
  sessions.stands(1, ModelId{"a/x"}, kStart + Seconds(2));
  sessions.stands(3, ModelId{"a/x"}, kStart + Seconds(3));
  EXPECT_EQ(sessions.model(2, kStart + Seconds(3)), "");
  EXPECT_EQ(sessions.model(1, kStart + Seconds(3)), "a/x");
  EXPECT_EQ(sessions.model(1, kStart + std::chrono::minutes(11)), "");
}

}  // namespace
}  // namespace orchestra
