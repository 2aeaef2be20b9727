#include "gateway/session_name.h"

#include <gtest/gtest.h>

#include "gateway/test_gateway.h"

namespace orchestra {
namespace {

class SessionName : public GatewayTest {
 protected:
  SessionName() {
    key_ = std::make_shared<const FeatureKey>(SipKey{1, 2});
    start();
  }
};

TEST_F(SessionName, IsMadeOfHowAConversationBegan) {
  Call call = call_for("chain");
  call.demand = Demand{.strategy = "sticky"};
  const auto begins = [this, &call](const std::string& said, const std::string& then) {
    call.decode = [=](const Call&) -> Result<Request> {
      return Request(ChatRequest{.messages = {{.role = Role::kSystem, .content = {TextPart{.text = "Be kind."}}},
                                              {.role = Role::kUser, .content = {TextPart{.text = said}}},
                                              {.role = Role::kAssistant, .content = {TextPart{.text = then}}}}});
    };
    return session_by_beginning(Call(call), *key_);
  };
  const std::uint64_t first = begins("Hello", "");
  EXPECT_NE(first, 0U);
  EXPECT_EQ(begins("Hello", "and more"), first) << "what comes later does not matter";
  EXPECT_NE(begins("Hello, you", ""), first);
  Call other = call;
  other.caller.key_name = "another";
  EXPECT_NE(session_by_beginning(other, *key_), session_by_beginning(call, *key_));
  EXPECT_NE(session_by_beginning(call, FeatureKey(SipKey{3, 4})), session_by_beginning(call, *key_));

  EXPECT_TRUE(serve(call));
  const auto decision = gateway_->decide(call).decision;
  EXPECT_EQ(decision->features.seed, session_by_beginning(call, *key_));
  EXPECT_TRUE(decision->considered.front().contender->in_session);
}

}  // namespace
}  // namespace orchestra
