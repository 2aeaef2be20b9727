#include "net/request_parser.h"

#include <gtest/gtest.h>

namespace orchestra::net {
namespace {

struct Parsed {
  Progress progress;
  int status = 0;
  RequestHead head;
};

Parsed parse(std::string_view text, HeadLimits limits = {}) {
  Parsed parsed;
  Refusal refusal{0, ""};
  parsed.progress = parse_request_head(text, limits, parsed.head, refusal);
  parsed.status = parsed.progress == Progress::kRefused ? refusal.status : 0;
  return parsed;
}

std::string with_field(std::string_view line) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(line) + "\r\n\r\n";
}

TEST(RequestParser, TakesTheHeadApart) {
  const std::string_view text =
      "POST /v1/chat?x=1&y=%20 HTTP/1.1\r\nHost: Example.com:8080\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n"
      "X-Empty:\r\nX-Pad: \t a b \t\r\nOrigin: http://x\r\nContent-Encoding: gzip\r\n\r\nbody";
  const Parsed parsed = parse(text);
  ASSERT_EQ(parsed.progress, Progress::kDone);
  EXPECT_EQ(parsed.head.method, "POST");
  EXPECT_EQ(parsed.head.path, "/v1/chat");
  EXPECT_EQ(parsed.head.query, "x=1&y=%20");
  EXPECT_EQ(parsed.head.host, "Example.com:8080");
  EXPECT_EQ(parsed.head.origin, "http://x");
  EXPECT_EQ(parsed.head.content_encoding, "gzip");
  EXPECT_EQ(parsed.head.framing.content_length, 12u);
  EXPECT_TRUE(parsed.head.expect_continue);
  EXPECT_TRUE(parsed.head.keep_alive());
  EXPECT_TRUE(parsed.head.has_body());
  ASSERT_EQ(parsed.head.fields.size(), 7u);
  EXPECT_EQ(parsed.head.fields[3].value, "");
  EXPECT_EQ(parsed.head.fields[4].value, "a b");
  EXPECT_EQ(parsed.head.size, text.size() - 4);
}

TEST(RequestParser, EveryPrefixOfAGoodHeadNeedsMore) {
  const std::string_view text = "GET /a?b HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(parse(text.substr(0, size)).progress, Progress::kMore) << size;
  }
  EXPECT_EQ(parse(text).progress, Progress::kDone);
}

TEST(RequestParser, SaysHowTheConnectionGoesOn) {
  const auto keeps = [](std::string_view text) { return parse(text).head.keep_alive(); };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

struct Case {
  std::string text;
  int status;  // 0: accepted
};

class RequestLines : public testing::TestWithParam<Case> {};
TEST_P(RequestLines, GetTheirStatus) {
  const Parsed parsed = parse(GetParam().text);
  EXPECT_EQ(parsed.status, GetParam().status) << GetParam().text;
  EXPECT_NE(parsed.progress, Progress::kMore) << GetParam().text;
}

std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    RequestParser, RequestLines,
    testing::Values(
        Case{line("GET / HTTP/1.1"), 0}, Case{"\r\n" + line("GET / HTTP/1.1"), 0},
        Case{"\r\n\r\n" + line("GET / HTTP/1.1"), 400}, Case{line("get / HTTP/1.1"), 0},
        Case{line("GET  / HTTP/1.1"), 400}, Case{line("GET / HTTP/1.1 "), 400}, Case{line("GET\t/ HTTP/1.1"), 400},
        Case{line("GET HTTP/1.1"), 400}, Case{line(" GET / HTTP/1.1"), 400}, Case{line("GET /"), 400},
        Case{line("GET / http/1.1"), 400}, Case{line("GET / HTTP/1"), 400}, Case{line("GET / HTTP/01.1"), 400},
        Case{line("GET / HTTP/1.10"), 400}, Case{line("GET / HTTP/2.0"), 505}, Case{line("GET / HTTP/1.2"), 505},
        Case{line("GET / HTTP/0.9"), 505}, Case{line("G[T / HTTP/1.1"), 400}, Case{line("GET /#x HTTP/1.1"), 400},
        Case{line("GET /\xc3\xa9 HTTP/1.1"), 400}, Case{line("GET /a\\b HTTP/1.1"), 400},
        Case{line("GET /%zz HTTP/1.1"), 400}, Case{line("GET /%4 HTTP/1.1"), 400}, Case{line("GET /%41 HTTP/1.1"), 0},
        Case{line("GET /?a[]={b}|^` HTTP/1.1"), 0}, Case{line("GET /?a\"b HTTP/1.1"), 400},
        Case{line("GET ! HTTP/1.1"), 400}, Case{line("GET * HTTP/1.1"), 400}, Case{line("OPTIONS * HTTP/1.1"), 0},
        Case{line("CONNECT a:1 HTTP/1.1"), 405}, Case{line("TRACE / HTTP/1.1"), 405},
        Case{line("GET http://a/x HTTP/1.1"), 0}, Case{line("GET HTTP://A HTTP/1.1"), 0},
        Case{line("GET http://b/ HTTP/1.1"), 400}, Case{line("GET http://u@a/ HTTP/1.1"), 400},
        Case{line("GET ftp://a/ HTTP/1.1"), 400}, Case{line("GET http:/// HTTP/1.1"), 400},
        Case{"GET / HTTP/1.1\nHost: a\r\n\r\n", 400}, Case{"GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\n\r\n", 400}, Case{"GET / HTTP/1.0\r\n\r\n", 0},
        Case{"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        Case{std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28), 400}));

class FieldLines : public testing::TestWithParam<Case> {};
TEST_P(FieldLines, GetTheirStatus) {
  EXPECT_EQ(parse(with_field(GetParam().text)).status, GetParam().status) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    RequestParser, FieldLines,
    testing::Values(Case{"X: y", 0}, Case{"X:y", 0}, Case{"X : y", 400}, Case{": y", 400}, Case{":", 400},
                    Case{"X", 400}, Case{"X: a\r\n b", 400}, Case{"X: a\r\n\tb", 400}, Case{"X: a\nY: b", 400},
                    Case{"X: a\rb", 400}, Case{"X: a\r\rb", 400}, Case{std::string("X: a\0b", 6), 400},
                    Case{"X: a\x7f", 400}, Case{"X: a\x01", 400},
                    Case{"X: \x85"
                         "a\xa0",
                         0},
                    Case{"X\x85: a", 400}, Case{"X[: a", 400}, Case{"Host: a", 400}, Case{"host: b", 400},
                    Case{"Content-Length: 5", 0}, Case{"Content-Length: 0", 0}, Case{"Content-Length: 010", 0},
                    Case{"Content-Length:", 400}, Case{"Content-Length: +5", 400}, Case{"Content-Length: -0", 400},
                    Case{"Content-Length: 1_0", 400}, Case{"Content-Length: 0x10", 400},
                    Case{"Content-Length: 1 0", 400}, Case{"Content-Length: 5, 5", 400},
                    Case{"Content-Length: 5\r\nContent-Length: 5", 400},
                    Case{"Content-Length: 5\r\ncontent-length: 6", 400}, Case{"Content-Length: 9223372036854775807", 0},
                    Case{"Content-Length: 9223372036854775808", 400}, Case{"Content-Length: 99999999999999999999", 400},
                    Case{"Transfer-Encoding: chunked", 0}, Case{"Transfer-Encoding: Chunked", 0},
                    Case{"Transfer-Encoding: chunked\r\nContent-Length: 5", 400},
                    Case{"Content-Length: 5\r\nTransfer-Encoding: chunked", 400},
                    Case{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400},
                    Case{"Transfer-Encoding: chunked, chunked", 400}, Case{"Transfer-Encoding: ,chunked", 400},
                    Case{"Transfer-Encoding: chunked,", 400}, Case{"Transfer-Encoding: chunked, gzip", 400},
                    Case{"Transfer-Encoding: gzip, chunked", 501}, Case{"Transfer-Encoding: gzip", 400},
                    Case{"Transfer-Encoding: xchunked", 400}, Case{"Transfer-Encoding: identity", 400},
                    Case{"Transfer-Encoding: \x0b"
                         "chunked",
                         400},
                    Case{"Transfer-Encoding: \xff"
                         "chunked\xff",
                         400},
                    Case{"Transfer-Encoding: chunked;a=b", 400}, Case{"Transfer-Encoding:", 400},
                    Case{"Expect: 200-ok", 417}, Case{"Content-Encoding: gzip\r\nContent-Encoding: gzip", 415}));

class Hosts : public testing::TestWithParam<std::pair<std::string_view, bool>> {};
TEST_P(Hosts, AreNamesOrAddresses) {
  EXPECT_EQ(valid_host(GetParam().first), GetParam().second) << GetParam().first;
}
INSTANTIATE_TEST_SUITE_P(RequestParser, Hosts,
                         testing::Values(std::pair{"a", true}, std::pair{"a-b_c.d~:80", true},
                                         std::pair{"1.2.3.4", true}, std::pair{"[::1]", true},
                                         std::pair{"[::1]:8080", true}, std::pair{"a:", true}, std::pair{"", false},
                                         std::pair{":80", false}, std::pair{"a:65536", false}, std::pair{"a:8x", false},
                                         std::pair{"u@a", false}, std::pair{"a/b", false}, std::pair{"a, b", false},
                                         std::pair{"a b", false}, std::pair{"[::1", false}, std::pair{"[]", false},
                                         std::pair{"[::1]x", false},
                                         std::pair{"\xff"
                                                   "a",
                                                   false},
                                         std::pair{"a:1:2", false}));

TEST(RequestParser, BoundsEverything) {
  const std::string long_line = "GET /" + std::string(17'000, 'a');
  EXPECT_EQ(parse(long_line).status, 414) << "before its end came";
  EXPECT_EQ(parse(line(long_line + " HTTP/1.1")).status, 414);
  EXPECT_EQ(parse(std::string(100, 'A')).status, 400) << "no method is so long";
  EXPECT_EQ(parse(std::string(20, 'A')).progress, Progress::kMore);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nX: " + std::string(33'000, 'b')).status, 431);
  EXPECT_EQ(parse(with_field("X: " + std::string(33'000, 'b'))).status, 431);
  std::string many;
  for (int i = 0; i < 98; ++i) many += "X: y\r\n";
  EXPECT_EQ(parse(with_field(many + "Y: z")).status, 0);
  EXPECT_EQ(parse(with_field(many + "Y: z\r\nY: z")).status, 431);
}

TEST(RequestParser, RefusesWhatCannotBecomeARequestLine) {
  EXPECT_EQ(parse("\x16\x03\x01").status, 400) << "a TLS client would wait for an answer until the time limit";
  EXPECT_EQ(parse(" ").status, 400);
  EXPECT_EQ(parse("\r\n\x16").status, 400);
  EXPECT_EQ(parse("\r").progress, Progress::kMore);
  EXPECT_EQ(parse("G").progress, Progress::kMore);
}

TEST(RequestParser, GuessesThePathOfWhatItCannotRead) {
  EXPECT_EQ(apparent_path("GET /v1/models?a=b"), "/v1/models");
  EXPECT_EQ(apparent_path("GET  /v1/models HTTP/1.1\r\n"), "");
  EXPECT_EQ(apparent_path("GET /v1/models\r\nHost: a\r\n"), "/v1/models");
  for (const char* text : {"", "GET", "GET ", " "}) EXPECT_EQ(apparent_path(text), "") << text;
}

TEST(RequestParser, RefusesTransferEncodingInHttp10) {
  EXPECT_EQ(parse("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400);
}

TEST(RequestParser, IgnoresTheExpectationOfHttp10) {
  const Parsed parsed = parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(parsed.progress, Progress::kDone);
  EXPECT_FALSE(parsed.head.expect_continue);
}

}  // namespace
}  // namespace orchestra::net
