#include "gateway/sessions.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace orchestra {
namespace {

constexpr TimePoint kStart{};

TEST(Sessions, RememberTheLastModelOfEach) {
  Sessions sessions;
  EXPECT_FALSE(sessions.model(7, kStart));
  sessions.stands(7, 11, kStart);
  sessions.stands(8, 12, kStart);
  EXPECT_EQ(sessions.model(7, kStart), 11U);
  EXPECT_EQ(sessions.model(8, kStart), 12U);
  sessions.stands(7, 13, kStart);
  EXPECT_EQ(sessions.model(7, kStart), 13U);
}

TEST(Sessions, ForgetAfterAnHourOfQuiet) {
  Sessions sessions;
  sessions.stands(1, 11, kStart);
  sessions.stands(2, 11, kStart);
  sessions.stands(2, 11, kStart + std::chrono::minutes(30));
  EXPECT_EQ(sessions.model(1, kStart + std::chrono::minutes(60)), 11U);
  EXPECT_FALSE(sessions.model(1, kStart + std::chrono::minutes(61)));
  EXPECT_EQ(sessions.model(2, kStart + std::chrono::minutes(61)), 11U);
}

TEST(Sessions, OfMoreThanThereIsRoomForTheQuietestGo) {
  Sessions sessions;
  constexpr std::uint64_t kMany = 200'000, kRecent = 1'000;
  for (std::uint64_t session = 1; session <= kMany; ++session) {
    sessions.stands(session, static_cast<std::uint32_t>(session), kStart + Seconds(session / 1000));
  }
  std::uint64_t recent = 0, all = 0;
  for (std::uint64_t session = 1; session <= kMany; ++session) {
    const auto model = sessions.model(session, kStart + Seconds(200));
    if (!model) continue;
    ++all;
    EXPECT_EQ(*model, session) << "another session's model";
    if (session > kMany - kRecent) ++recent;
  }
  EXPECT_LE(all, 65'536U);
  EXPECT_GT(all, 50'000U);
  EXPECT_EQ(recent, kRecent);
}

TEST(Sessions, ManyThreadsMayUseThem) {
  Sessions sessions;
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&sessions] {
      for (std::uint64_t session = 1; session < 20'000; ++session) {
        sessions.stands(session, static_cast<std::uint32_t>(session), kStart);
        const auto model = sessions.model(session, kStart);
        if (model) EXPECT_EQ(*model, session);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace orchestra
