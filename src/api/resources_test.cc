#include "api/resources.h"

#include "api/test_model_resources.h"

namespace orchestra {
namespace {

class Resources : public ModelResources {
 protected:
  Resources() { add_resource_routes(router_, snapshots_, clock_); }

  // Minutes of one gigabyte more each; the last ended a moment ago.
  void look(int minutes) {
    auto past = std::make_shared<std::vector<ResourceSample>>();
    for (int i = minutes; i > 0; --i) {
      past->push_back({.at = clock_.wall() - std::chrono::minutes(i),
                       .total = Bytes(10'000'000'000),
                       .available = Bytes(1'000'000'000)});
    }
    snapshots_.resources = std::make_shared<const ResourceView>(ResourceView{
        .now = {.at = clock_.wall(), .total = Bytes(10'000'000'000), .available = Bytes(2'500'000'000), .cpu = 0.1234},
        .minutes = past});
  }
  std::size_t minutes_of(const std::string& query) {
    return find(ask("GET", "/api/v1/ai/resources/metrics" + query).body, "history")->as_array().size();
  }
};

TEST_F(Resources, SayWhatTheMachineHasAndUses) {
  look(1);
  const Answer answer = ask("GET", "/api/ai/resources/metrics");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(find_number(answer.body, "memoryPressure"), 0.75);
  const json::value& now = *find(answer.body, "current");
  EXPECT_EQ(find_number(now, "usedMemoryGb"), 7.5);
  EXPECT_EQ(find_number(now, "availableMemoryGb"), 2.5);
  EXPECT_EQ(find_number(now, "totalMemoryGb"), 10);
  EXPECT_EQ(find_number(now, "cpuUsage"), 12.3);
  EXPECT_EQ(find_string(now, "pressureLevel"), "high");
  EXPECT_TRUE(find(now, "swapUsedPercent")->is_null());
  const json::value& past = find(answer.body, "history")->as_array().at(0);
  EXPECT_EQ(find_number(past, "memoryPressure"), 0.9);
  EXPECT_TRUE(find(past, "cpuUsage")->is_null());
}

TEST_F(Resources, TheHistoryReachesBackAsFarAsWanted) {
  look(200);
  EXPECT_EQ(minutes_of(""), 60U);
  EXPECT_EQ(minutes_of("?hours=2"), 120U);
  EXPECT_EQ(minutes_of("?hours=24"), 200U);
  EXPECT_EQ(minutes_of("?includeHistory=false"), 0U);
}

TEST_F(Resources, WrongParametersAreNamed) {
  look(1);
  for (const char* hours : {"0", "25", "-1", "x", "nan", ""}) {
    const Answer answer = ask("GET", std::string("/api/v1/ai/resources/metrics?hours=") + hours);
    EXPECT_EQ(answer.status, 422) << hours;
    EXPECT_NE(answer.text.find("from 0.1 to 24"), std::string::npos);
  }
  EXPECT_EQ(ask("GET", "/api/v1/ai/resources/metrics?includeHistory=1").status, 422);
}

TEST_F(Resources, BeforeTheFirstLookNothingIsInvented) {
  EXPECT_EQ(ask("GET", "/api/v1/ai/resources/metrics").status, 503);
  std::string text;
  JsonWriter writer(text);
  write_system_metrics(writer, nullptr);
  EXPECT_EQ(text, R"({"memoryPressure":null,"availableMemoryGb":null,"totalMemoryGb":null,"usedMemoryGb":null,)"
                  R"("cpuUsage":null})");
}

}  // namespace
}  // namespace orchestra
