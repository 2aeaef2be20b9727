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
}

TEST_F(HedgedGateway, TheHedgeWinsAndTheSlowOneIsDestroyed) {
  providers_["a"].answers = {{.first_after = kFar}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "b/m");
  EXPECT_EQ(sink_.text, "one two three");
  EXPECT_EQ(settled().model.text, "b/m");
  EXPECT_THAT(outcomes(), testing::ElementsAre("cancelled", "answered"));
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
  EXPECT_FALSE(sink_.error.has_value());
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
