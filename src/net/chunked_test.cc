#include "net/chunked.h"

#include <gtest/gtest.h>

namespace orchestra::net {
namespace {

struct Decoded {
  Progress progress = Progress::kMore;
  std::string body;
  std::size_t consumed = 0;
};

// Feeds `wire` in pieces of `piece` bytes.
Decoded decode(std::string_view wire, std::size_t piece) {
  ChunkedDecoder decoder;
  Decoded decoded;
  std::size_t given = 0;
  while (decoded.progress == Progress::kMore && decoded.consumed < wire.size()) {
    given = std::max(given, std::min(wire.size(), decoded.consumed + piece));
    const auto step = decoder.next(wire.substr(decoded.consumed, given - decoded.consumed));
    decoded.progress = step.progress;
    decoded.body += step.data;
    decoded.consumed += step.consumed;
    if (step.consumed == 0 && step.progress == Progress::kMore) break;
  }
  return decoded;
}

class Chunked : public testing::TestWithParam<std::size_t> {};

TEST_P(Chunked, DecodesWhateverTheCuts) {
  const std::string_view wire =
      "5\r\nhello\r\n00A;x=y;z=\"a\\\"b\"\r\n0123456789\r\n0\r\nX-Check: 1\r\nContent-Length: 9\r\n\r\n";
  const Decoded decoded = decode(std::string(wire) + "GET", GetParam());
  EXPECT_EQ(decoded.progress, Progress::kDone);
  EXPECT_EQ(decoded.body, "hello0123456789");
  EXPECT_EQ(decoded.consumed, wire.size()) << "what follows is left alone";
}

TEST_P(Chunked, RefusesWhatIsMalformed) {
  const std::vector<std::string> bad = {"\r\n",
                                        "0x5\r\nhello\r\n0\r\n\r\n",
                                        " 5\r\nhello",
                                        "+5\r\n",
                                        "-1\r\n",
                                        "1_0\r\n",
                                        "5 \r\nhello",
                                        "5;\r\nhello",
                                        "5;a=\r\nhello",
                                        "5;a b\r\n",
                                        "5;a=\"b\r\n",
                                        "g\r\n",
                                        "5\nhello",
                                        "5\rhello",
                                        "5;a\rX\r\nhello",
                                        "5\r\r;a\r\n",
                                        "5\r\nhello!!",
                                        "5\r\nhello\n0",
                                        "5\r\nhello0\r",
                                        "5\r\nhello\r0",
                                        "0\r\n\n",
                                        "0\r\nX y\r\n\r\n",
                                        "0\r\nX : y\r\n\r\n",
                                        "0\r\nX: y\n\r\n",
                                        "FFFFFFFFFFFFFFFF0\r\n",
                                        "1000000000000000\r\n",
                                        std::string("5;\0a\r\nhello", 11),
                                        "1\r\nZ\r\n\r\n"};
  for (const std::string& wire : bad) {
    EXPECT_EQ(decode(wire, GetParam()).progress, Progress::kRefused) << testing::PrintToString(wire);
  }
}

INSTANTIATE_TEST_SUITE_P(Cuts, Chunked, testing::Values(1, 2, 3, 7, 1000));

TEST(ChunkedLimits, ExtensionsMayNotOutweighTheBody) {
  std::string wire;
  for (int i = 0; i < 100; ++i) wire += "1;" + std::string(1000, 'x') + "\r\nZ\r\n";
  EXPECT_EQ(decode(wire, 4096).progress, Progress::kRefused);
  EXPECT_EQ(decode("5;" + std::string(64 * 1024, 'x'), 1024).progress, Progress::kRefused);
}

TEST(ChunkedLimits, TrailersAreBounded) {
  std::string wire = "0\r\n";
  for (int i = 0; i < 100; ++i) wire += "X: " + std::string(1000, 'x') + "\r\n";
  EXPECT_EQ(decode(wire, 4096).progress, Progress::kRefused);
}

TEST(ChunkHead, WritesPlainHex) {
  EXPECT_EQ(ChunkHead(0).text(), "0\r\n");
  EXPECT_EQ(ChunkHead(255).text(), "ff\r\n");
  EXPECT_EQ(ChunkHead(SIZE_MAX).text(), "ffffffffffffffff\r\n");
  EXPECT_EQ(parse_chunk_size("1a2b"), 0x1a2bu);
}

}  // namespace
}  // namespace orchestra::net
