#include "tokens/count.h"

#include <gtest/gtest.h>

#include "tokens/pieces.h"

namespace orchestra {
namespace {

using namespace std::string_literals;

struct Counted {
  std::string text;
  std::int64_t cl100k, o200k;
};

// As tiktoken 0.13 counts them.
const std::vector<Counted> kCounted{
    {"", 0, 0},
    {"Hello, world!", 4, 4},
    {"The quick brown fox jumps over the lazy dog.", 10, 10},
    {"I'll say it's 12345678 o'clock; WE'LL see.", 17, 15},
    {"int main() {\n    return 0;   \n}\n\n\n", 11, 11},
    {"   leading and trailing   ", 5, 5},
    {"größer — naïve café, œuvre", 10, 8},
    {"日本語のテキストと中文文本", 13, 9},
    {"Привет, как дела?", 8, 6},
    {"👩‍👩‍👧‍👦 🇩🇪 ❤️", 26, 16},
    {"a\u0085b \u00a0\u2003c\ufeffd", 10, 9},
    {"HTTPServerRequestURLs camelCase XMLParser", 9, 8},
    {std::string(1000, 'a'), 125, 125},
    {std::string(300, ' ') + "x", 4, 4},
    {std::string(50, '\n'), 3, 4},
    {"supercalifragilisticexpialidocious", 11, 10},
    {"مرحبا بالعالم हिन्दी ไทย", 20, 6},
    {"1234567890123456789", 7, 7},
    {"!!!???...///\r\n/*", 5, 7},
    {"ﬁ ǅ ʰ", 8, 7},
    {"\x00\x01\x7f"s, 3, 3},
    {"<|endoftext|>", 7, 7},
};

TEST(CountTokens, CountsAsTiktokenDoes) {
  for (const Counted& one : kCounted) {
    EXPECT_EQ(count_tokens(one.text, Encoding::kCl100kBase).count, one.cl100k) << one.text;
    EXPECT_EQ(count_tokens(one.text, Encoding::kO200kBase).count, one.o200k) << one.text;
  }
}

TEST(CountTokens, AddsTextsUpAndStopsBehindItsLimit) {
  const std::vector<std::string> texts{"Hello, world!", "Hello, world!", "Hello, world!"};
  EXPECT_EQ(count_tokens(texts, Encoding::kO200kBase), Tokens(12));
  EXPECT_EQ(count_tokens(texts, Encoding::kO200kBase, Tokens(5)), Tokens(6)) << "one piece behind it";
  EXPECT_EQ(count_tokens(texts, Encoding::kO200kBase, Tokens(12)), Tokens(12))
      << "the limit itself is reached, not broken";
}

TEST(CountTokens, BytesThatAreNoTextAreEstimated) {
  const std::string broken = "abc\xff\xfe" + std::string(95, 'x');
  const Tokens count = count_tokens(broken, Encoding::kO200kBase);
  EXPECT_GT(count, Tokens(10));
  EXPECT_LE(count, Tokens(100));
}

TEST(CountTokens, WhatIsReadableBesideBrokenBytesIsCountedAsEver) {
  EXPECT_EQ(count_tokens("Hello, world!\xff"
                         "Hello, world!",
                         Encoding::kO200kBase),
            Tokens(4 + 1 + 4));
  // Each byte is looked at a bounded number of times, wherever the broken ones stand.
  std::string late(4'000'000, ' ');
  late += '\xff';
  EXPECT_LT(count_tokens(late, Encoding::kO200kBase), Tokens(100'000));
  EXPECT_EQ(count_tokens(std::string(200'000, '\xfe'), Encoding::kO200kBase), Tokens(200'000));
}

TEST(CountTokens, OnePieceOfAMegabyteIsCounted) {
  const Tokens count = count_tokens(std::string(1'000'000, 'a'), Encoding::kO200kBase);
  EXPECT_NEAR(static_cast<double>(count.count), 125'000, 50);
}

TEST(Pieces, AreTheWholeTextInItsOrder) {
  const std::string text = "It's 1234 words,\r\n\r\n  and   blanks \xe2\x80\x94 ok\t";
  for (const Encoding encoding : {Encoding::kCl100kBase, Encoding::kO200kBase}) {
    std::string joined;
    Pieces pieces(encoding, text);
    for (auto piece = pieces.next(); !piece.empty(); piece = pieces.next()) joined += piece;
    EXPECT_EQ(joined, text);
  }
}

TEST(RanksOf, HaveThePublishedSizes) {
  EXPECT_EQ(Ranks::of(Encoding::kCl100kBase).size(), 100'256U);
  EXPECT_EQ(Ranks::of(Encoding::kO200kBase).size(), 199'998U);
  EXPECT_EQ(Ranks::of(Encoding::kO200kBase).rank("!"), 0U);
  EXPECT_EQ(Ranks::of(Encoding::kO200kBase).rank(" nothing like this"), Ranks::kNone);
}

TEST(EncodingOf, GoesByTheModelsName) {
  for (const auto* const name :
       {"gpt-4", "gpt-4-turbo", "gpt-3.5-turbo-0125", "text-embedding-3-small", "ft:gpt-4:a::b", "davinci-002"}) {
    EXPECT_EQ(encoding_of(name), Encoding::kCl100kBase) << name;
    EXPECT_TRUE(counts_exactly(name)) << name;
  }
  for (const auto* const name :
       {"gpt-4o", "gpt-4o-mini", "gpt-4.1-nano", "gpt-5.2", "o1", "o3-mini", "o4-mini", "ft:gpt-4o-mini:a::b"}) {
    EXPECT_EQ(encoding_of(name), Encoding::kO200kBase) << name;
    EXPECT_TRUE(counts_exactly(name)) << name;
  }
  EXPECT_EQ(encoding_of("claude-opus-4-5"), Encoding::kO200kBase);
  EXPECT_FALSE(counts_exactly("claude-opus-4-5"));
}

}  // namespace
}  // namespace orchestra
