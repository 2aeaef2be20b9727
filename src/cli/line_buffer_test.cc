#include "cli/line_buffer.h"

#include <gtest/gtest.h>

namespace orchestra::cli {
namespace {

class LineBufferTest : public testing::Test {
 protected:
  LineBuffer::Result type(std::string_view bytes) {
    auto result = LineBuffer::Result::kEditing;
    for (const char byte : bytes) result = buffer_.feed(byte);
    return result;
  }
  // The text with the cursor as '|'.
  std::string shown() const { return std::string(buffer_.text()).insert(buffer_.cursor(), "|"); }

  std::vector<std::string> history_{"first", "second"};
  LineBuffer buffer_{history_};
};

TEST_F(LineBufferTest, TypesAndEnds) {
  EXPECT_EQ(type("hello"), LineBuffer::Result::kEditing);
  EXPECT_EQ(type("\r"), LineBuffer::Result::kDone);
  EXPECT_EQ(buffer_.text(), "hello");
}

TEST_F(LineBufferTest, MovesByCharactersNotBytes) {
  type("a\xC3\xA9\xE6\x97\xA5");  // a, e acute, a kanji
  type("\x1b[D");
  EXPECT_EQ(shown(), "a\xC3\xA9|\xE6\x97\xA5");
  type("\x7f");
  EXPECT_EQ(shown(), "a|\xE6\x97\xA5");
  type("\x1b[C\x1b[C");
  EXPECT_EQ(shown(), "a\xE6\x97\xA5|");
  type("\x1b[D\x1b[3~");
  EXPECT_EQ(shown(), "a|");
}

TEST_F(LineBufferTest, EditsLikeAShell) {
  type("one two three\x01");
  EXPECT_EQ(shown(), "|one two three");
  type("\x05\x17");
  EXPECT_EQ(shown(), "one two |");
  type("\x1b[H\x1b[C\x1b[C\x1b[C\x0b");
  EXPECT_EQ(shown(), "one|");
  type("\x15");
  EXPECT_EQ(shown(), "|");
  type("\x1b[F\x1bOH\x1b[1;5C\x1b[200~x\t.");
  EXPECT_EQ(shown(), "x .|");
  type("\x1b[D\x1b[D\x1b[D\x7f\x1b[D");
  EXPECT_EQ(shown(), "|x .") << "nothing lies left of the start";
}

TEST_F(LineBufferTest, BrowsesHistoryAndKeepsTheDraft) {
  type("draft\x1b[A");
  EXPECT_EQ(shown(), "second|");
  type("\x10\x10\x10");
  EXPECT_EQ(shown(), "first|");
  type("\x1b[B\x1b[B\x1b[B");
  EXPECT_EQ(shown(), "draft|");
}

TEST_F(LineBufferTest, ControlCCancelsAndControlDEnds) {
  EXPECT_EQ(type("\x04"), LineBuffer::Result::kEnd);
  EXPECT_EQ(type("ab\x02\x04"), LineBuffer::Result::kEditing);
  EXPECT_EQ(buffer_.text(), "a");
  EXPECT_EQ(type("\x03"), LineBuffer::Result::kCancelled);
}

TEST_F(LineBufferTest, SurvivesAnyBytes) {
  unsigned state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 1'103'515'245U + 12'345U;
    buffer_.feed(static_cast<char>(state >> 16));
    ASSERT_LE(buffer_.cursor(), buffer_.text().size());
  }
}

}  // namespace
}  // namespace orchestra::cli
