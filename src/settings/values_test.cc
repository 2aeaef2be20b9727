#include "settings/values.h"

#include <gmock/gmock.h>

#include "settings/dotenv.h"
#include "settings/prices.h"

namespace orchestra::settings {
namespace {

TEST(Values, Durations) {
  const std::pair<const char*, std::int64_t> good[] = {{"30s", 30'000'000},
                                                       {"500ms", 500'000},
                                                       {"250us", 250},
                                                       {"5m", 300'000'000},
                                                       {"2h", 7'200'000'000},
                                                       {"7d", 604'800'000'000},
                                                       {"1h30m", 5'400'000'000},
                                                       {"1.5s", 1'500'000},
                                                       {"10", 10'000'000},
                                                       {"0", 0},
                                                       {"5 M", -1}};
  for (const auto& [text, micros] : good) {
    const auto parsed = parse_duration(text);
    if (micros < 0) {
      EXPECT_FALSE(parsed) << text;
    } else {
      ASSERT_TRUE(parsed) << text;
      EXPECT_EQ(parsed->count(), micros) << text;
    }
  }
  for (const char* text : {"", "s", "-5s", "5x", "1h30", "99999999999999999999d", "1..5s", "nan", "1e3s", "0x10"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Values, Sizes) {
  EXPECT_EQ(parse_bytes("512MiB"), mebibytes(512));
  EXPECT_EQ(parse_bytes("8GB"), Bytes(8'000'000'000));
  EXPECT_EQ(parse_bytes("1.5 GiB"), mebibytes(1536));
  EXPECT_EQ(parse_bytes("4096"), Bytes(4096));
  EXPECT_EQ(parse_bytes("1kb"), Bytes(1000));
  for (const char* text : {"", "-1", "5M", "MB", "99999999999TiB", "1 2"}) EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(Values, Spelling) {
  EXPECT_EQ(spell(Micros(90'000'000)), "90s");
  EXPECT_EQ(spell(Micros(300'000'000)), "5m");
  EXPECT_EQ(spell(Micros(0)), "0s");
  EXPECT_EQ(spell(Micros(7)), "7us");
  EXPECT_EQ(spell(mebibytes(1536)), "1536MiB");
  EXPECT_EQ(spell(Bytes(1000)), "1000B");
}

TEST(Values, Urls) {
  EXPECT_EQ(parse_url("https://API.example.com/v1/"), (BaseUrl{true, "api.example.com", 443, "/v1"}));
  EXPECT_EQ(parse_url("http://[::1]:8000"), (BaseUrl{false, "::1", 8000, ""}));
  EXPECT_EQ(parse_url("http://[::1]:8000/a")->text(), "http://[::1]:8000/a");
  for (const char* text :
       {"", "example.com", "ftp://x", "http://", "http://u@h", "http://h?q", "http://h#f", "http://h:0",
        "http://h:99999", "http://h:x", "http://[::1", "http://[zz]", "http://a b", "http://h/\r\nx"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Values, Hosts) {
  for (const char* host :
       {"localhost", "0.0.0.0", "::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::"}) {
    EXPECT_TRUE(is_bindable(host)) << host;
  }
  for (const char* host : {"", "example.com", "1.2.3", "256.1.1.1", "1.2.3.4.5", ":::", "1:2", "1::2::3",
                           "1:2:3:4:5:6:7:8:9", ":1", "g::1", "12345::"}) {
    EXPECT_FALSE(is_bindable(host)) << host;
  }
  EXPECT_TRUE(is_loopback("127.255.0.1"));
  EXPECT_FALSE(is_loopback("128.0.0.1"));
}

TEST(Nearest, FindsTheSlip) {
  const std::vector<std::string> names = {"host", "port", "threads", "timeouts", "tls"};
  EXPECT_EQ(nearest("prot", names), "port");
  EXPECT_EQ(nearest("timeout", names), "timeouts");
  EXPECT_EQ(nearest("THREADS", names), "threads");
  EXPECT_EQ(nearest("bananas", names), "");
  EXPECT_EQ(nearest("x", names), "");
}

TEST(EnvFile, ReadsTheUsualForms) {
  Problems problems;
  const EnvFile file = parse_env_file(
      "\xEF\xBB\xBF# comment\r\n\nA=1\r\nexport B = x\nexport C=two words # note\nD='lit $x # no'\nE=\"a\\n\\\"b\\$\" "
      "# c\nF=\nG=a#b\nA=2\n",
      ".env", problems);
  EXPECT_EQ(file.variables.at("A"), "2");
  EXPECT_EQ(file.lines.at("A"), 10);
  EXPECT_EQ(file.variables.at("C"), "two words");
  EXPECT_EQ(file.variables.at("D"), "lit $x # no");
  EXPECT_EQ(file.variables.at("E"), "a\n\"b$");
  EXPECT_EQ(file.variables.at("F"), "");
  EXPECT_EQ(file.variables.at("G"), "a#b");
  ASSERT_EQ(problems.size(), 1U) << text(problems);
  EXPECT_EQ(problems[0].line, 4);
}

TEST(EnvFile, RefusesWithTheLineNumber) {
  for (const char* line : {"novalue", "1A=x", "A B=x", "A='open", "A=\"open", "A='x' y", "A=\"\\q\"", "A=x'y"}) {
    Problems problems;
    parse_env_file(std::string("OK=1\n") + line + "\n", ".env", problems);
    ASSERT_EQ(problems.size(), 1U) << line;
    EXPECT_EQ(problems[0].line, 2) << line;
  }
}

TEST(Prices, AreReadExactly) {
  EXPECT_EQ(parse_usd("2.50"), MicroUsd(2'500'000));
  EXPECT_EQ(parse_usd("0"), MicroUsd(0));
  EXPECT_EQ(parse_usd("0.000001"), MicroUsd(1));
  EXPECT_EQ(parse_usd("0.1"), MicroUsd(100'000));
  for (const char* text :
       {"", ".5", "5.", "-1", "nan", "inf", "1e3", "0.0000001", "100001", "$2", "99999999999999999999"}) {
    EXPECT_FALSE(parse_usd(text)) << text;
  }
}

TEST(Prices, ReadRowsAndRefuseNonsense) {
  Problems problems;
  const Variables none;
  Reading reading{.file = "prices.yaml", .variables = none, .problems = problems};
  const auto document = parse_yaml(
      "as_of: 2026-01-02\nopenai:\n  source: https://x\n  models:\n    gpt-4o: {input: 2.50, output: 10, cached_input: "
      "1.25}\n"
      "    gpt-4o-mini*: {input: 0.15}\n    bad: {input: .nan, outpt: 1}\n    a*b: {input: 1}\n",
      "prices.yaml", problems);
  Section root(reading, &*document, "");
  const Prices prices = read_prices(root);
  EXPECT_EQ(prices.as_of, "2026-01-02");
  ASSERT_GE(prices.rows.size(), 2U);
  EXPECT_EQ(prices.rows[0].provider, "openai");
  EXPECT_EQ(prices.rows[0].price.output, MicroUsd(10'000'000));
  EXPECT_EQ(prices.rows[0].price.cache_write, std::nullopt);
  const std::string all = text(problems);
  EXPECT_THAT(all, testing::HasSubstr("prices.yaml:7:18: openai.models.bad.input: A price is a decimal number"));
  EXPECT_THAT(all, testing::HasSubstr("openai.models.bad.outpt: This key is not known. Did you mean 'output'?"));
  EXPECT_THAT(all, testing::HasSubstr("A '*' may stand at the end of a name only."));
}

}  // namespace
}  // namespace orchestra::settings
