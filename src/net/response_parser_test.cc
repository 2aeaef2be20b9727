#include "net/response_parser.h"

#include <gtest/gtest.h>

namespace orchestra::net {
namespace {

struct Parsed {
  Progress progress;
  ResponseHead head;
  Refusal refusal;
};

Parsed parse(std::string_view text, std::size_t limit = 4096) {
  Parsed parsed;
  parsed.progress = parse_response_head(text, limit, parsed.head, parsed.refusal);
  return parsed;
}

TEST(ResponseParser, TakesTheHeadApart) {
  const Parsed parsed = parse("HTTP/1.1 200 All fine\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
  ASSERT_EQ(parsed.progress, Progress::kDone);
  EXPECT_EQ(parsed.head.status, 200);
  EXPECT_EQ(parsed.head.body_end(false), BodyEnd::kLength);
  EXPECT_EQ(parsed.head.body_end(true), BodyEnd::kNone);
  EXPECT_TRUE(parsed.head.keep_alive());
  EXPECT_EQ(parsed.head.fields[1].value, "y");
}

TEST(ResponseParser, KnowsHowTheBodyEnds) {
  const auto end = [](std::string_view text) { return parse(text).head.body_end(false); };
  EXPECT_EQ(end("HTTP/1.1 204 \r\n\r\n"), BodyEnd::kNone);
  EXPECT_EQ(end("HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n"), BodyEnd::kNone);
  EXPECT_EQ(end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), BodyEnd::kNone);
  EXPECT_EQ(end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), BodyEnd::kChunked);
  EXPECT_EQ(end("HTTP/1.1 200 OK\r\n\r\n"), BodyEnd::kClose);
}

TEST(ResponseParser, NeedsMoreOfEveryPrefix) {
  const std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse(text.substr(0, size)).progress, Progress::kMore) << size;
  }
}

class BadResponses : public testing::TestWithParam<std::string_view> {};
TEST_P(BadResponses, AreRefused) {
  EXPECT_EQ(parse(GetParam()).progress, Progress::kRefused) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(ResponseParser, BadResponses,
                         testing::Values("HTTP/1.1 200 OK\nX: y\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
                                         "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
                                         "HTTP/1.1 600 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
                                         "<html>\r\n\r\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                                         "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));

TEST(ResponseParser, BoundsTheHead) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nX: " + std::string(5000, 'a')).progress, Progress::kRefused);
  EXPECT_EQ(parse(std::string(5000, 'a')).progress, Progress::kRefused);
}

}  // namespace
}  // namespace orchestra::net
