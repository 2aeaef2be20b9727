#include "gateway/holds.h"

#include <gtest/gtest.h>

#include "gateway/test_gateway.h"

namespace orchestra {
namespace {

// Keeping a waiting caller's connection alive.

class HeldGateway : public GatewayTest {
 protected:
  HeldGateway() {
    options_.hold = Millis(5);
    options_.keep_alive = Millis(2);
    start();
  }
};

TEST_F(HeldGateway, AStreamingCallerIsKeptAliveUntilTheFirstContent) {
  providers_["a"].answers = {{.first_after = Millis(60), .between = Millis(20)}};
  EXPECT_TRUE(serve("a/m"));
  const int kept_alive = sink_.kept_alive;
  EXPECT_GE(kept_alive, 2);
  EXPECT_EQ(sink_.text, "one two three");
  EXPECT_EQ(sink_.head->model, "a/m");
}

TEST_F(HeldGateway, FallbackStaysPossibleMeanwhile) {
  providers_["a"].answers = {{.first_after = Millis(30), .refuses = error_of(Fault::kUpstreamAuth)}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_GE(sink_.kept_alive, 1);
  EXPECT_EQ(sink_.head->model, "b/m");
}

TEST_F(HeldGateway, AnErrorAfterItIsBookedWithTheStatusThatWasSent) {
  providers_["a"].answers = {{.first_after = Millis(30), .refuses = error_of(Fault::kInvalid)}};
  EXPECT_FALSE(serve("a/m"));
  EXPECT_GE(sink_.kept_alive, 1);
  EXPECT_EQ(settled().status, 200);
  EXPECT_EQ(sink_.error->fault, Fault::kInvalid);
}

TEST_F(HeldGateway, ACallerWhoWantsAWholeAnswerIsNot) {
  providers_["a"].answers = {{.first_after = Millis(30), .stream = false}};
  EXPECT_TRUE(serve(call_for("a/m", false)));
  EXPECT_EQ(sink_.kept_alive, 0);
}

TEST_F(HeldGateway, ACallerWhoLeavesMeanwhileIsAbandoned) {
  providers_["a"].answers = {{.first_after = kFar}};
  Timer later(context_.get_executor(), Millis(20));
  later.async_wait([&](const boost::system::error_code&) { leave_.emit(asio::cancellation_type::terminal); });
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
}

}  // namespace
}  // namespace orchestra
