#include "base/ascii.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/metrics.h"
#include "base/secret.h"

namespace orchestra {
namespace {

TEST(Ascii, LowersItsLettersAlone) {
  EXPECT_EQ(ascii_lowered("AZaz@[`{09\xC3\x84"), "azaz@[`{09\xC3\x84");
}

TEST(RequestId, SortsByTimeAndSurvivesParsing) {
  FakeClock clock;
  const auto first = RequestId::make(clock.wall());
  clock.advance(Millis(1));
  const auto second = RequestId::make(clock.wall());
  EXPECT_LT(first, second);
  EXPECT_EQ(RequestId::parse(first.text()).value(), first);
  EXPECT_FALSE(RequestId::parse("req_short").has_value());
  EXPECT_FALSE(RequestId::parse("req_01JABCDEF0123456789ABCDEfg").has_value());
}

TEST(Clock, FormatsRfc3339) {
  EXPECT_EQ(format_time(FakeClock().wall()), "2026-01-02T10:00:00.000Z");
  EXPECT_EQ(unix_seconds(FakeClock().wall()), 1'767'348'000);
}

TEST(Json, RefusesDepthAndTrailingBytes) {
  EXPECT_FALSE(parse_json(std::string(100'000, '[')).has_value());
  EXPECT_FALSE(parse_json("{} x").has_value());
  EXPECT_FALSE(parse_json("").has_value());
  EXPECT_TRUE(parse_json(" {\"a\":[1,2]} ").has_value());
}

TEST(Json, EscapesAndMendsUtf8) {
  std::string out;
  append_json_string(out, "a\"\\\n\x01 \xC3\xA9 \xFF \xED\xA0\x80");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001 \xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_TRUE(parse_json(out).has_value());
}

TEST(Json, WriterPlacesCommas) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("a", 1).member("b", "x").key("c").begin_array().number(1.5).boolean(true).null();
  writer.end_array().key("d").begin_object().end_object().end_object();
  EXPECT_EQ(out, R"({"a":1,"b":"x","c":[1.5,true,null],"d":{}})");
}

TEST(Metrics, RendersPrometheusText) {
  Metrics metrics;
  metrics.counter("a_total", "Things.", {{"k", "v\"x"}}).add(3);
  metrics.histogram("h_seconds", "Times.").observe(Millis(2));
  const auto text = metrics.render();
  EXPECT_THAT(text, ::testing::HasSubstr("# TYPE a_total counter\na_total{k=\"v\\\"x\"} 3\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("h_seconds_bucket{le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("h_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_EQ(&metrics.counter("a_total", "", {{"k", "v\"x"}}), &metrics.counter("a_total", "", {{"k", "v\"x"}}));
}

TEST(Metrics, TellWhatAFamilyHolds) {
  Metrics metrics;
  metrics.counter("a_total", "Things.", {{"k", "v"}}).add(3);
  metrics.histogram("h_seconds", "Times.").observe(Millis(2));
  metrics.histogram("h_seconds", "Times.").observe(std::chrono::hours(1));
  const auto counters = metrics.counters("a_total");
  ASSERT_EQ(counters.size(), 1U);
  EXPECT_EQ(counters[0].first, (Metrics::Labels{{"k", "v"}}));
  EXPECT_EQ(counters[0].second, 3U);
  Histogram::Counts twice = metrics.histograms("h_seconds").at(0).second;
  EXPECT_EQ(twice.total(), 2U);
  twice += twice;
  EXPECT_EQ(twice.total(), 4U);
  EXPECT_EQ(twice.buckets.back(), 2U);
  EXPECT_EQ(twice.sum_micros, 2 * (2'000 + 3'600'000'000ULL));
  EXPECT_TRUE(metrics.counters("nobody").empty());
}

TEST(Secret, ComparesWhole) {
  const Secret secret("hunter2");
  EXPECT_TRUE(secret.matches("hunter2"));
  EXPECT_FALSE(secret.matches("hunter"));
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace orchestra
