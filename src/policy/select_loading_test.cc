// Cloud while local loads, in the select step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/replay.h"
#include "policy/test_select.h"

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A large local model that is cold, a small one that is cold too, and two remote ones.
class Loading : public testing::Test {
 protected:
  Loading()
      : asked_(catalogue_of(
            {local("local/large", 3'000'000'000), local("local/small", 4'000'000), remote("far/m"), remote("near/m")},
            {{"mine", {"local/large", "far/m"}},
             {"here", {"local/large", "local/small"}},
             {"quick", {"local/small", "far/m"}},
             {"both", {"local/large", "local/small", "far/m"}}})) {
    asked_.options.cloud_while_loading = std::chrono::seconds(2);
  }

  void set_state(std::string id, WorkerState state) {
    asked_.fleet.workers.push_back({.model = ModelId{std::move(id)}, .state = state, .slots = 1});
  }
  std::string loading(std::string_view name) {
    const Decision decision = asked_.select(name).decision;
    return decision.loading ? decision.loading->text : "";
  }

  Asked asked_;
};

TEST_F(Loading, ARemoteModelAnswersWhileTheFirstOneLoads) {
  EXPECT_THAT(asked_.order("mine"), ElementsAre("far/m", "local/large"));
  const Decision decision = asked_.select("mine").decision;
  ASSERT_TRUE(decision.loading);
  EXPECT_EQ(decision.loading->text, "local/large");
  ASSERT_EQ(decision.considered.size(), 2U);
  EXPECT_EQ(decision.considered[0].verdict, "chosen");
  EXPECT_EQ(decision.considered[0].reason, "It can answer sooner, while local/large is loaded.");
  EXPECT_EQ(decision.considered[1].reason,
            "It comes first in the chain. Loading it takes about 6 s more; until then others answer.");
  const auto again = replay(decision);
  ASSERT_TRUE(again);
  EXPECT_THAT(again->order, ElementsAre(ModelId{"far/m"}, ModelId{"local/large"}));
}

TEST_F(Loading, TheBestByScoreIsLoadedTheSameWay) {
  asked_.demand.strategy = "cost";
  EXPECT_EQ(loading("auto"), "local/large");
  EXPECT_EQ(asked_.order("auto").back(), "local/large") << "the small one loads within the limit";
  asked_.options.cloud_while_loading = std::chrono::milliseconds(1);
  EXPECT_EQ(loading("auto"), "local/large");
  const auto order = asked_.order("auto");
  EXPECT_THAT(std::vector(order.begin(), order.begin() + 2), testing::UnorderedElementsAre("far/m", "near/m"));
  EXPECT_THAT(asked_.select("auto").decision.considered[2].reason, HasSubstr("It ranks highest by cost."));
}

TEST_F(Loading, ItsReasonIsTheSameWhereThePlanHasNoPlaceForIt) {
  asked_.options.max_candidates = 1;
  asked_.demand.strategy = "cost";
  asked_.options.cloud_while_loading = std::chrono::milliseconds(1);
  const Decision decision = asked_.select("auto").decision;
  const auto large = std::ranges::find(decision.considered, ModelId{"local/large"}, &Considered::model);
  ASSERT_NE(large, decision.considered.end());
  EXPECT_EQ(large->verdict, "rank");
  EXPECT_THAT(large->reason, HasSubstr("until then others answer."));
}

TEST_F(Loading, ASessionStandsWithTheModelThatLoads) {
  asked_.demand = {.strategy = "sticky", .session = 7};
  asked_.session_model = draw_key("local/large");
  EXPECT_EQ(loading("auto"), "local/large");
  set_state("local/large", WorkerState::kReady);
  EXPECT_EQ(loading("auto"), "");
  EXPECT_EQ(asked_.order("auto").front(), "local/large");
}

TEST_F(Loading, OneThatIsReadyOrSoonReadyIsWaitedFor) {
  EXPECT_THAT(asked_.order("quick"), ElementsAre("local/small", "far/m"));
  EXPECT_EQ(loading("quick"), "");
  set_state("local/large", WorkerState::kReady);
  EXPECT_THAT(asked_.order("mine"), ElementsAre("local/large", "far/m"));
  EXPECT_EQ(loading("mine"), "");
}

TEST_F(Loading, OneThatIsOnItsWayStaysBehind) {
  set_state("local/large", WorkerState::kLoading);
  EXPECT_THAT(asked_.order("mine"), ElementsAre("far/m", "local/large"));
  EXPECT_EQ(loading("mine"), "local/large");
  asked_.fleet.workers.front().expected_load = std::chrono::milliseconds(1500);
  EXPECT_THAT(asked_.order("mine"), ElementsAre("local/large", "far/m"));
}

TEST_F(Loading, AReadyLocalModelAnswersBeforeTheCloud) {
  set_state("local/small", WorkerState::kReady);
  EXPECT_THAT(asked_.order("both"), ElementsAre("local/small", "far/m", "local/large"));
  EXPECT_EQ(loading("both"), "local/large");
}

TEST_F(Loading, NothingMovesWhereNobodyElseMayOrCanAnswer) {
  EXPECT_EQ(loading("here"), "") << "no remote model";
  EXPECT_EQ(loading("local/large"), "") << "named";
  EXPECT_THAT(asked_.order("large"), ElementsAre("local/large"));
  asked_.demand.local_only = true;
  EXPECT_THAT(asked_.order("mine"), ElementsAre("local/large"));
  EXPECT_EQ(loading("mine"), "");
  asked_.demand.local_only = false;
  asked_.health_of("far/m").admits = false;
  EXPECT_EQ(loading("mine"), "") << "its breaker is open";
  asked_.health_of("far/m") = {.cooling = Seconds(5)};
  EXPECT_EQ(loading("mine"), "") << "its rate limit holds";
  asked_.health_of("far/m") = {};
  asked_.options.cloud_while_loading = Micros(0);
  EXPECT_THAT(asked_.order("mine"), ElementsAre("local/large", "far/m"));
  EXPECT_EQ(loading("mine"), "") << "switched off";
}

}  // namespace
}  // namespace orchestra
