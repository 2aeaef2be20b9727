#include <gmock/gmock.h>

#include "api/test_model_resources.h"

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(ModelResources, TheRegistryOf004) {
  EXPECT_THAT(ids(ask("GET", "/models").body), ElementsAre("tiny", "gpt-9"));
  EXPECT_THAT(ids(ask("GET", "/models/stable").body), ElementsAre("tiny", "gpt-9"));
  EXPECT_THAT(ids(ask("GET", "/models/capability/long_context").body), ElementsAre("gpt-9"));
  EXPECT_EQ(ask("GET", "/models/capability/fly").text, "[]");
  EXPECT_THAT(ids(ask("GET", "/models/provider/OPENAI").body), ElementsAre("gpt-9"));
  EXPECT_EQ(ask("GET", "/models/provider/nobody").text, "[]");
  EXPECT_EQ(ask("GET", "/models/none").status, 404);
  const Answer one = ask("GET", "/models/gpt-9");
  EXPECT_EQ(find_bool(*find(one.body, "capabilities"), "text_generation"), true);
  EXPECT_EQ(find_bool(*find(one.body, "capabilities"), "tool_use"), false);
  EXPECT_EQ(find_number(*find(one.body, "performance"), "avg_ttft_ms"), 150.0);
  EXPECT_EQ(find_string(*find(one.body, "performance"), "source"), "claimed");
  EXPECT_EQ(find_string(one.body, "status"), "stable");
  ask("PUT", "/api/models/gpt-9", R"({"status":"beta"})");
  EXPECT_THAT(ids(ask("GET", "/models/stable").body), ElementsAre("tiny"));
}

TEST_F(ModelResources, RefinersAreFastAndCheapOrLoaded) {
  EXPECT_THAT(ids(ask("GET", "/models/refiners").body), ElementsAre("gpt-9"));
  auto fleet = std::make_shared<FleetView>();
  fleet->workers = {{.model = {"local/tiny"}, .state = WorkerState::kReady}};
  snapshots_.fleet = fleet;
  EXPECT_THAT(ids(ask("GET", "/models/refiners").body), ElementsAre("tiny", "gpt-9"));
  registry_.parts.prices[0].price.input = MicroUsd(5'000'001);
  registry_.publish();
  EXPECT_THAT(ids(ask("GET", "/models/refiners").body), ElementsAre("tiny"));
}

TEST_F(ModelResources, ASlowMeasurementEndsARefiner) {
  for (int i = 0; i < 5; ++i) {
    registry_.performance.note(
        {.model = {"openai/gpt-9"}, .first_content = std::chrono::milliseconds(501), .when = clock_.wall()});
  }
  registry_.publish();
  EXPECT_THAT(ids(ask("GET", "/models/refiners").body), IsEmpty());
}

TEST_F(ModelResources, HealthComesFromBreakerAndProvider) {
  const auto health = [&] {
    return std::string(*find_string(*find(ask("GET", "/models/gpt-9").body, "health"), "status"));
  };
  EXPECT_EQ(health(), "healthy");
  pulse_.success_permille = 800;
  EXPECT_EQ(health(), "degraded");
  providers_ = {{.name = "openai", .state = "unreachable"}};
  EXPECT_EQ(health(), "unhealthy");
  providers_ = {{.name = "openai", .state = "not asked yet"}};
  EXPECT_EQ(health(), "unknown");
  pulse_.closed = false;
  EXPECT_EQ(health(), "unhealthy");
}

TEST_F(ModelResources, UsageIsLearnedFrom) {
  EXPECT_EQ(ask("POST", "/models/gpt-9/usage?query_type=technical&response_time=1.5&cost_usd=0.002").text,
            R"({"status":"recorded"})");
  EXPECT_EQ(ask("POST", "/models/gpt-9/usage", R"({"query_type":"SIMPLE","response_time":2,"cost_usd":0})").status,
            200);
  ASSERT_EQ(outcomes_.facts.size(), 2U);
  EXPECT_EQ(outcomes_.facts[0].model.text, "openai/gpt-9");
  EXPECT_EQ(outcomes_.facts[0].query_class, 1);
  EXPECT_EQ(outcomes_.facts[0].duration, Micros(1'500'000));
  EXPECT_EQ(outcomes_.facts[0].cost, MicroUsd(2000));
  for (const char* bad :
       {"", "?query_type=fun&response_time=1&cost_usd=1", "?query_type=simple&response_time=nan&cost_usd=1",
        "?query_type=simple&response_time=-1&cost_usd=1", "?query_type=simple&response_time=1"}) {
    EXPECT_EQ(ask("POST", std::string("/models/gpt-9/usage") + bad).status, 422) << bad;
  }
  EXPECT_EQ(ask("POST", "/models/none/usage?query_type=simple&response_time=1&cost_usd=1").status, 404);
  EXPECT_EQ(outcomes_.facts.size(), 2U);
  registry_.performance.note(outcomes_.facts[0]);
  registry_.publish();
  const Answer one = ask("GET", "/models/gpt-9");
  EXPECT_NEAR(*find_number(*find(one.body, "performance"), "avg_completion_ms"), 1500, 0.01);
  EXPECT_EQ(find_string(*find(one.body, "performance"), "source"), "measured");
}

}  // namespace
}  // namespace orchestra
