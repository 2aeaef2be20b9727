#include "dialects/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace orchestra {
namespace {

struct Seen {
  std::string name, data;
  bool has_data = false;
  bool operator==(const Seen&) const = default;
};

void drain(SseSplitter& splitter, std::string_view bytes, std::vector<Seen>& out, std::string* raw = nullptr) {
  splitter.feed(bytes);
  while (true) {
    auto event = splitter.next();
    ASSERT_TRUE(event.has_value()) << event.error().what;
    if (!*event) return;
    out.push_back({std::string((*event)->name), std::string((*event)->data), (*event)->has_data});
    if (raw != nullptr) *raw += (*event)->raw;
  }
}

std::vector<Seen> split_whole(std::string_view text) {
  SseSplitter splitter;
  std::vector<Seen> out;
  drain(splitter, text, out);
  return out;
}

TEST(Sse, SplitsEventsWithEveryLineEnd) {
  const std::vector<Seen> expected = {{"", "one", true}, {"", "two", true}};
  EXPECT_EQ(split_whole("data: one\n\ndata: two\n\n"), expected);
  EXPECT_EQ(split_whole("data: one\r\n\r\ndata: two\r\n\r\n"), expected);
  EXPECT_EQ(split_whole("data: one\r\rdata: two\r\r"), expected);
  EXPECT_EQ(split_whole("data: one\r\n\ndata: two\n\r\n"), expected);
}

TEST(Sse, FindsLineEndsAtEveryPlace) {
  for (std::size_t length = 0; length < 50; ++length) {
    const std::string text(length, 'x');
    for (const std::string end : {"\n", "\r", "\r\n"}) {
      const std::string event = "data: " + text + end + "event: e" + text + end + end;
      EXPECT_EQ(split_whole(event + event), (std::vector<Seen>(2, {"e" + text, text, true}))) << length;
    }
  }
}

TEST(Sse, ReadsFieldsAsTheStandardSays) {
  EXPECT_EQ(split_whole("\xEF\xBB\xBF"
                        "data: x\n\n"),
            (std::vector<Seen>{{"", "x", true}}));
  EXPECT_EQ(split_whole(": hello\n\n"), (std::vector<Seen>{{"", "", false}}));
  EXPECT_EQ(split_whole("event: add\ndata:one\ndata:  two\nid: 7\n\n"),
            (std::vector<Seen>{{"add", "one\n two", true}}));
  EXPECT_EQ(split_whole("data\ndata\n\n"), (std::vector<Seen>{{"", "\n", true}}));
  EXPECT_EQ(split_whole("data: a: b\n\n"), (std::vector<Seen>{{"", "a: b", true}}));
  EXPECT_EQ(split_whole("datax: no\n\n"), (std::vector<Seen>{{"", "", false}}));
}

TEST(Sse, EveryCutGivesTheSameEvents) {
  const std::vector<std::string> streams = {
      "\xEF\xBB\xBF"
      "event: a\ndata: 1\ndata: 2\n\n: c\n\ndata: \xC3\xA9\n\ndata: [DONE]\n\n",
      "event: a\r\ndata: 1\r\ndata: 2\r\n\r\n: c\r\n\r\ndata: x\r\n\r\ndata: [DONE]\r\n\r\n",
      "event: a\rdata: 1\rdata: 2\r\r: c\r\rdata: x\r\rdata: [DONE]\r\r",
  };
  for (const std::string& text : streams) {
    const auto expected = split_whole(text);
    ASSERT_EQ(expected.size(), 4U);
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        SseSplitter splitter;
        std::vector<Seen> seen;
        std::string raw;
        drain(splitter, std::string(text, 0, first), seen, &raw);
        drain(splitter, std::string(text, first, second - first), seen, &raw);
        drain(splitter, std::string(text, second), seen, &raw);
        // An LF behind a blank line's CR may come in the next feed: then it stays unfinished, and harmless.
        ASSERT_EQ(seen, expected) << first << " " << second;
        ASSERT_TRUE(text.starts_with(raw));
        ASSERT_LE(text.size() - raw.size(), 1U);
      }
    }
  }
}

TEST(Sse, LendsWholeEventsWithoutACopy) {
  const std::string text = "data: one\n\ndata: two\n\n";
  SseSplitter splitter;
  splitter.feed(text);
  const auto first = splitter.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->raw.data(), text.data());
  EXPECT_EQ((*first)->data.data(), text.data() + 6);
}

TEST(Sse, RefusesAnEndlessEvent) {
  SseSplitter splitter(100);
  const std::string piece(60, 'x');
  splitter.feed(piece);
  ASSERT_TRUE(splitter.next().has_value());
  splitter.feed(piece);
  const auto refused = splitter.next();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().fault, Fault::kUpstream);
}

TEST(Sse, GivesTheUnfinishedRest) {
  SseSplitter splitter;
  std::vector<Seen> seen;
  drain(splitter, "data: one\n\ndata: [DONE]", seen);
  const auto rest = splitter.rest();
  ASSERT_TRUE(rest.has_value());
  EXPECT_EQ(rest->data, "[DONE]");
  EXPECT_FALSE(splitter.rest().has_value());
}

}  // namespace
}  // namespace orchestra
