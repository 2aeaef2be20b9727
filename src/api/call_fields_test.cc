#include "api/call_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Call> read(std::initializer_list<std::pair<const char*, const char*>> fields) {
  HttpRequest http;
  for (const auto& [name, value] : fields) http.fields.add(name, value);
  Call call;
  TRY_VOID(read_call_fields(http, call));
  return call;
}

TEST(CallFields, WithoutThemNothingIsAskedOfTheChoice) {
  const auto call = read({{"content-type", "application/json"}, {"x-orchestra-strict", "true"}});
  ASSERT_TRUE(call);
  EXPECT_FALSE(call->demand);
  EXPECT_TRUE(call->strict);
}

TEST(CallFields, ReadsEachDemand) {
  const auto call = read({{"X-Orchestra-Strategy", "cost"},
                          {"x-orchestra-privacy", "local_only"},
                          {"x-orchestra-task", "code_generation"},
                          {"x-orchestra-providers", " openai,-azure , anthropic"},
                          {"x-orchestra-max-cost-usd", "0.0125"},
                          {"x-session-id", "chat 7"},
                          {"x-orchestra-deadline-ms", "2500"}});
  ASSERT_TRUE(call) << call.error().what;
  ASSERT_TRUE(call->demand);
  EXPECT_EQ(call->demand->strategy, "cost");
  EXPECT_TRUE(call->demand->local_only);
  EXPECT_EQ(call->demand->skills, kSkilledInCode);
  EXPECT_THAT(call->demand->allow, ElementsAre("openai", "anthropic"));
  EXPECT_THAT(call->demand->deny, ElementsAre("azure"));
  EXPECT_EQ(call->demand->cost_limit, MicroUsd(12'500));
  EXPECT_EQ(call->demand->session, session_id({}, "chat 7"));
  EXPECT_EQ(call->deadline, Millis(2500));
  EXPECT_EQ(call->demand->deadline, Millis(2500));
}

TEST(CallFields, WeightsImplyTheirStrategy) {
  const auto call = read({{"x-orchestra-weights", "quality=0.5, cost=0.25"}});
  ASSERT_TRUE(call);
  EXPECT_EQ(call->demand->strategy, "multi_objective");
  EXPECT_EQ(call->demand->weights, (Weights{.quality = 0.5, .cost = 0.25}));
  EXPECT_EQ(read({{"x-orchestra-weights", "cost=1"}, {"x-orchestra-strategy", "balanced"}})->demand->strategy,
            "balanced");
}

TEST(CallFields, RefusesWhatItCannotRead) {
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"x-orchestra-weights", "quality"},
                                                                  {"x-orchestra-weights", "price=1"},
                                                                  {"x-orchestra-weights", "quality=much"},
                                                                  {"x-orchestra-privacy", "yes"},
                                                                  {"x-orchestra-task", "cooking"},
                                                                  {"x-orchestra-providers", " , "},
                                                                  {"x-orchestra-max-cost-usd", "-1"},
                                                                  {"x-orchestra-max-cost-usd", "nan"},
                                                                  {"x-orchestra-deadline-ms", "soon"},
                                                                  {"x-orchestra-deadline-ms", "0"}}) {
    const auto call = read({{name, value}});
    ASSERT_FALSE(call) << name << ": " << value;
    EXPECT_EQ(call.error().fault, Fault::kInvalid);
    EXPECT_THAT(call.error().what, HasSubstr(name));
  }
}

TEST(CallFields, SessionsOfDifferentCallersAreDifferent) {
  EXPECT_NE(session_id({.key_name = "a"}, "1"), session_id({.key_name = "b"}, "1"));
  EXPECT_NE(session_id({.key_name = "a"}, "b1"), session_id({.key_name = "ab"}, "1"));
}

}  // namespace
}  // namespace orchestra
