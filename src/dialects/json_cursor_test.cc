#include "dialects/json_cursor.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace orchestra {
namespace {

// The scan takes many bytes at a time: what ends a string must be found at every place of such a block, and what looks
// like it must not.
class StringsOfEveryLength : public ::testing::TestWithParam<std::size_t> {
 protected:
  const std::string plain_ = std::string(GetParam(), '\x7f');
};
INSTANTIATE_TEST_SUITE_P(JsonCursor, StringsOfEveryLength, ::testing::Range<std::size_t>(0, 50));

TEST_P(StringsOfEveryLength, EndAtTheirQuote) {
  const std::string text = '"' + plain_ + "\"  \xFF\"";
  JsonCursor cursor(text);
  JsonCursor::Text read;
  ASSERT_TRUE(cursor.string(read));
  EXPECT_EQ(read.raw, plain_);
  EXPECT_FALSE(read.escaped);
  EXPECT_EQ(cursor.offset(), plain_.size() + 2);
}

TEST_P(StringsOfEveryLength, GoOnBehindAnEscape) {
  const std::string text = '"' + plain_ + R"(\")" + plain_ + '"';
  JsonCursor cursor(text);
  JsonCursor::Text read;
  std::string room;
  ASSERT_TRUE(cursor.string(read));
  EXPECT_TRUE(read.escaped);
  EXPECT_EQ(unescape(read, room), plain_ + '"' + plain_);
}

TEST_P(StringsOfEveryLength, MustNotHoldAControlByte) {
  for (int byte = 0; byte < 0x20; ++byte) {
    const std::string text = '"' + plain_ + static_cast<char>(byte) + plain_ + '"';
    JsonCursor cursor(text);
    JsonCursor::Text read;
    EXPECT_FALSE(cursor.string(read)) << byte;
    EXPECT_EQ(cursor.offset(), plain_.size() + 1) << byte;
  }
}

TEST_P(StringsOfEveryLength, MustEnd) {
  const std::string text = '"' + plain_;
  JsonCursor cursor(text);
  JsonCursor::Text read;
  EXPECT_FALSE(cursor.string(read));
  EXPECT_NE(cursor.failure().find("ends inside a string"), std::string::npos);
}

TEST(JsonCursor, NumbersBeyondADoubleAreRefused) {
  const auto read = [](const std::string& text) {
    JsonCursor cursor(text);
    std::string_view number;
    return cursor.number(number);
  };
  EXPECT_TRUE(read(std::string(308, '9')));
  EXPECT_TRUE(read('1' + std::string(308, '0')));
  EXPECT_TRUE(read("0." + std::string(400, '9')));
  EXPECT_TRUE(read("1e308"));
  EXPECT_TRUE(read("1e-999"));
  EXPECT_FALSE(read('2' + std::string(308, '0')));
  EXPECT_FALSE(read(std::string(400, '9')));
  EXPECT_FALSE(read("1e309"));
  EXPECT_FALSE(read("-9e999"));
}

TEST(JsonCursor, BytesAboveAsciiAreText) {
  for (int byte = 0x80; byte < 0x100; ++byte) {
    const std::string plain(20, static_cast<char>(byte));
    const std::string text = '"' + plain + '"';
    JsonCursor cursor(text);
    JsonCursor::Text read;
    ASSERT_TRUE(cursor.string(read)) << byte;
    EXPECT_EQ(read.raw, plain);
  }
}

}  // namespace
}  // namespace orchestra
