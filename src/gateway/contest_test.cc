#include "gateway/contest.h"

#include <gtest/gtest.h>

#include "gateway/test_gateway.h"

namespace orchestra {
namespace {

class HedgedGateway : public GatewayTest {
 protected:
  HedgedGateway() {
    options_.select.hedge_after = Millis(5);
    start();
  }
};

TEST_F(HedgedGateway, TheFirstInTimeNeedsNoHedge) {
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "a/m");
  EXPECT_EQ(providers_["b"].opens, 0U);
  EXPECT_EQ(settled().cost, MicroUsd(10));
}

TEST_F(HedgedGateway, TheHedgeWinsAndTheSlowOneIsDestroyed) {
  providers_["a"].answers = {{.first_after = kFar}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "b/m");
  EXPECT_EQ(sink_.text, "one two three");
  EXPECT_EQ(settled().model.text, "b/m");
  EXPECT_THAT(outcomes(), testing::ElementsAre("cancelled", "answered"));
  EXPECT_EQ(settled().usage.input, Tokens(7)) << "the tokens of the answer";
  EXPECT_EQ(settled().cost, MicroUsd(10 + 100)) << "and the money of both: the loser was sent its prompt";
  EXPECT_EQ(sink_.cost, settled().cost);
}

TEST_F(HedgedGateway, TheHedgeLoses) {
  providers_["b"].answers = {{.first_after = kFar}};
  providers_["a"].answers = {{.first_after = Millis(30)}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "a/m");
  EXPECT_EQ(providers_["b"].opens, 1U);
  EXPECT_THAT(outcomes(), testing::ElementsAre("answered", "cancelled"));
}

TEST_F(HedgedGateway, AFailureStartsTheNextAtOnce) {
  options_.select.hedge_after = kFar;
  start();
  providers_["a"].answers = {{.refuses = error_of(Fault::kUpstreamAuth)}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "b/m");
}

TEST_F(HedgedGateway, AllFailing) {
  providers_["a"].answers = {{.first_after = Millis(20), .refuses = error_of(Fault::kUpstreamAuth)}};
  providers_["b"].answers = {{.refuses = error_of(Fault::kNotFound)}};
  EXPECT_FALSE(serve("chain"));
  EXPECT_EQ(sink_.error->fault, Fault::kUpstreamAuth);
  EXPECT_EQ(settled().outcome, Outcome::kFailed);
}

TEST_F(HedgedGateway, ACallerWhoLeavesDestroysBoth) {
  providers_["a"].answers = providers_["b"].answers = {{.first_after = kFar}};
  providers_["b"].on_open = [&] { leave_soon(); };
  EXPECT_FALSE(serve("chain"));
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(settled().cost, MicroUsd(2 * 100));
  EXPECT_FALSE(sink_.error.has_value());
}

TEST_F(HedgedGateway, HedgesKeepToTheirBudget) {
  options_.hedges.percent = 50;
  options_.hedges.start = 0;
  start();
  providers_["a"].answers = {{.first_after = Millis(20)}};
  providers_["b"].answers = {{.first_after = kFar}};
  for (int i = 0; i < 6; ++i) {
    journal_.settled.clear();
    EXPECT_TRUE(serve("chain"));
    EXPECT_EQ(sink_.head->model, "a/m");
  }
  EXPECT_EQ(providers_["a"].opens, 6U);
  EXPECT_EQ(providers_["b"].opens, 3U);
}

TEST_F(HedgedGateway, TheDeadlineDestroysBoth) {
  providers_["a"].answers = providers_["b"].answers = {{.first_after = kFar}};
  Call call = call_for("chain");
  call.deadline = Millis(30);
  EXPECT_FALSE(serve(call));
  EXPECT_EQ(sink_.error->fault, Fault::kTimeout);
}

}  // namespace
}  // namespace orchestra
