#include "domain/usage_report.h"

namespace orchestra {
namespace {

TEST(LatencyCounts, EveryValueLiesInItsBucket) {
  for (std::int64_t micros = 0; micros < 70'000'000'000; micros = micros * 5 / 4 + 1) {
    const Micros value(micros);
    const auto bucket = LatencyCounts::bucket_of(value);
    EXPECT_LE(LatencyCounts::lower_edge(bucket), value);
    EXPECT_GT(LatencyCounts::lower_edge(bucket + 1), value);
  }
  EXPECT_EQ(LatencyCounts::bucket_of(Micros(-5)), 0U);
  EXPECT_EQ(LatencyCounts::bucket_of(std::chrono::hours(1000)), LatencyCounts::kBuckets - 1);
  EXPECT_EQ(LatencyCounts::lower_edge(4), Micros(128));
}

TEST(LatencyCounts, QuantilesAreWithinTenPercent) {
  LatencyCounts counts;
  EXPECT_EQ(counts.quantile(0.5), std::nullopt);
  EXPECT_EQ(counts.mean(), std::nullopt);
  for (int i = 1; i <= 1000; ++i) counts.add(Micros(i * 1000));
  EXPECT_NEAR(static_cast<double>(counts.quantile(0.5)->count()), 500'000, 50'000);
  EXPECT_NEAR(static_cast<double>(counts.quantile(0.95)->count()), 950'000, 95'000);
  EXPECT_NEAR(static_cast<double>(counts.mean()->count()), 500'000, 25'000);
  LatencyCounts twice = counts;
  twice.add(counts);
  EXPECT_EQ(twice.quantile(0.95), counts.quantile(0.95));
}

TEST(UsageGrouping, AnEmptyGroupByIsOneRow) {
  UsageGrouping grouping(UsageQuery{});
  for (const auto* model : {"a/x", "b/y"}) {
    grouping.find(WallTime{}, "t", {model}, Outcome::kAnswered)
        ->add_request(Outcome::kAnswered, {.input = Tokens(1), .known = true}, MicroUsd(5), true, Micros(1000));
  }
  const auto report = grouping.report();
  ASSERT_EQ(report.rows.size(), 1U);
  EXPECT_EQ(report.rows[0].model, "");
  EXPECT_EQ(report.total.requests, 2);
  EXPECT_EQ(report.total.cost, MicroUsd(10));
}

TEST(UsageGrouping, DaysAreUtcAndAlsoBefore1970) {
  UsageGrouping grouping(UsageQuery{.group_by = {UsageGroup::kDay}});
  grouping.find(WallTime(std::chrono::microseconds(-1)), "t", {"a/x"}, Outcome::kFailed);
  grouping.find(WallTime(std::chrono::seconds(1'767'348'000)), "t", {"a/x"}, Outcome::kFailed);
  const auto report = grouping.report();
  ASSERT_EQ(report.rows.size(), 2U);
  EXPECT_EQ(report.rows[0].day, "1969-12-31");
  EXPECT_EQ(report.rows[1].day, "2026-01-02");
  EXPECT_EQ(report.rows[1].outcome, std::nullopt);
}

TEST(UsageGrouping, FiltersRefuse) {
  UsageGrouping grouping(UsageQuery{.provider = "a", .tenant = "t", .outcome = Outcome::kAnswered});
  EXPECT_NE(grouping.find(WallTime{}, "t", {"a/x"}, Outcome::kAnswered), nullptr);
  EXPECT_EQ(grouping.find(WallTime{}, "t", {"ab/x"}, Outcome::kAnswered), nullptr);
  EXPECT_EQ(grouping.find(WallTime{}, "u", {"a/x"}, Outcome::kAnswered), nullptr);
  EXPECT_EQ(grouping.find(WallTime{}, "t", {"a/x"}, Outcome::kFailed), nullptr);
}

}  // namespace
}  // namespace orchestra
