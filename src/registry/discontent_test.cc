#include "registry/discontent.h"

#include <gmock/gmock.h>

#include "base/fake_clock.h"

namespace orchestra {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class DiscontentTest : public testing::Test {
 protected:
  // A request that took a second, and was answered.
  QueryEnd end_at(Micros at, std::uint64_t prompt = 7, const char* model = "a/m") {
    return {.id = RequestId::make(clock_.wall()),
            .about = {.model = ModelId{model}},
            .prompt = prompt,
            .began = start_ + at - Seconds(1),
            .ended = start_ + at,
            .answered = true};
  }
  Discontent::Signs read_at(Micros at) { return discontent_.read(start_ + at); }
  // Of a prompt that is answered at 10 s and comes again, answered at `at`.
  std::size_t repetitions_at(Micros at) {
    discontent_.note({end_at(Seconds(10)), end_at(at)});
    return read_at(at + Seconds(2)).signals.size();
  }

  const FakeClock clock_;
  const TimePoint start_ = clock_.now();
  Discontent discontent_;
};

TEST_F(DiscontentTest, APromptSentAgainSoonSpeaksAgainstTheEarlierAnswer) {
  const QueryEnd first = end_at(Seconds(10)), other = end_at(Seconds(11), 8), again = end_at(Seconds(20));
  discontent_.note({first, other, again});
  const auto signs = read_at(Seconds(22));
  ASSERT_THAT(signs.signals, SizeIs(1));
  EXPECT_EQ(signs.signals.front().id, first.id);
  EXPECT_TRUE(signs.signals.front().retried);
  ASSERT_THAT(signs.facts, SizeIs(1));
  EXPECT_EQ(signs.facts.front().model.text, "a/m");
  EXPECT_EQ(signs.facts.front().quality, Discontent::kRetryQuality);
  EXPECT_EQ(signs.facts.front().weight, Discontent::kRetryWeight);
  EXPECT_EQ(signs.facts.front().success, std::nullopt);
}

TEST_F(DiscontentTest, WhateverLoopTellsFirst) {
  const QueryEnd first = end_at(Seconds(10)), again = end_at(Millis(11'100));
  discontent_.note({again});
  EXPECT_THAT(read_at(Seconds(12)).signals, IsEmpty()) << "news of an earlier answer may be on their way";
  discontent_.note({first});
  const auto signs = read_at(Seconds(14));
  ASSERT_THAT(signs.signals, SizeIs(1));
  EXPECT_EQ(signs.signals.front().id, first.id);
}

TEST_F(DiscontentTest, OnlySoonAfterAnAnswer) {
  EXPECT_EQ(repetitions_at(Seconds(71)), 1U);
  discontent_ = {};
  EXPECT_EQ(repetitions_at(Seconds(72)), 0U) << "a minute had gone";
  discontent_ = {};
  EXPECT_EQ(repetitions_at(Millis(10'500)), 0U) << "both were under way together";
}

TEST_F(DiscontentTest, ARepetitionMayBeAnsweredMuchLater) {
  discontent_.note({end_at(Seconds(10))});
  for (int second = 11; second < 600; ++second) EXPECT_THAT(read_at(Seconds(second)).signals, IsEmpty());
  QueryEnd again = end_at(Seconds(600));
  again.began = start_ + Seconds(70);
  discontent_.note({again});
  EXPECT_THAT(read_at(Seconds(620)).signals, SizeIs(1));
}

TEST_F(DiscontentTest, AProbeThatKeepsComingCountsTwiceAtMost) {
  std::size_t seen = 0;
  for (int i = 0; i < 300; ++i) {
    discontent_.note({end_at(Seconds(10 + 2 * i))});
    seen += read_at(Seconds(12 + 2 * i)).signals.size();
  }
  EXPECT_EQ(seen, 2U);
}

TEST_F(DiscontentTest, WhatHasNoHashIsNoRepetition) {
  discontent_.note({end_at(Seconds(10), 0), end_at(Seconds(20), 0)});
  EXPECT_THAT(read_at(Seconds(30)).signals, IsEmpty());
}

TEST_F(DiscontentTest, ACallerWhoLeavesInTheMiddleSaysALittle) {
  QueryEnd left = end_at(Seconds(10));
  left.answered = false;
  discontent_.note({left, end_at(Seconds(20))});
  const auto signs = read_at(Seconds(30));
  EXPECT_THAT(signs.signals, IsEmpty()) << "there was no answer to be repeated";
  ASSERT_THAT(signs.facts, SizeIs(1));
  EXPECT_EQ(signs.facts.front().quality, Discontent::kLeftQuality);
  EXPECT_EQ(signs.facts.front().weight, Discontent::kLeftWeight);
}

TEST_F(DiscontentTest, WhatIsUsualOfAModelDoesNotCount) {
  std::vector<QueryEnd> ends;
  for (std::uint64_t i = 0; i < 100; ++i) ends.push_back(end_at(Seconds(10), 100 + i));
  for (std::uint64_t i = 0; i < 8; ++i) {
    ends.push_back(end_at(Seconds(20)));
    ends.back().answered = false;
  }
  discontent_.note(ends);
  EXPECT_THAT(read_at(Seconds(30)).facts, SizeIs(3)) << "five of a hundred leave anyway";
}

TEST_F(DiscontentTest, AFloodPushesOutTheOldest) {
  discontent_.note({end_at(Seconds(10), 1)});
  read_at(Seconds(12));
  for (std::uint64_t round = 0; round < 3; ++round) {
    std::vector<QueryEnd> flood;
    for (std::uint64_t i = 0; i < Discontent::kMost; ++i) {
      flood.push_back(end_at(Seconds(12), 1000 + round * Discontent::kMost + i));
    }
    discontent_.note(std::move(flood));
    read_at(Seconds(14));
  }
  discontent_.note({end_at(Seconds(15), 1), end_at(Seconds(16), 1000 + 3 * Discontent::kMost - 1)});
  EXPECT_THAT(read_at(Seconds(18)).signals, SizeIs(1)) << "the latest of the flood is there";
}

}  // namespace
}  // namespace orchestra
