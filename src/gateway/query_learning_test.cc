#include "gateway/query_learning.h"

#include <gmock/gmock.h>

#include "base/fake_clock.h"
#include "gateway/test_gateway.h"
#include "ports/fake_outcomes.h"

namespace orchestra {
namespace {

class QueryLearningTest : public GatewayTest {
 protected:
  QueryLearningTest() {
    outcomes_told_ = &told_;
    classify_ = [this](const Request&) { return query_; };
    key_ = std::make_shared<const FeatureKey>(SipKey{.first = 1, .second = 2});
    start();
  }

  // A call that can be decoded, and so classified.
  Call open_call(const std::string& text = "why is the sky blue at noon", std::optional<double> temperature = {}) {
    Call call = call_for("auto");
    call.decode = [text, temperature](const Call&) -> Result<Request> {
      return ChatRequest{.messages = {{.role = Role::kUser, .content = {TextPart{text}}}},
                         .sampling = {.temperature = temperature}};
    };
    return call;
  }
  void serve_one(const Call& call) {
    EXPECT_TRUE(serve(call));
    sink_ = FakeSink();
  }

  FakeOutcomes told_;
  Classification query_{.type = QueryType::kTechnical, .confidence = 0.93, .complexity = Complexity::kComplex};
};

TEST_F(QueryLearningTest, AnOpenRequestIsKeptAsKeyedFeatures) {
  const Call call = open_call();
  serve_one(call);
  ASSERT_EQ(told_.kept.size(), 1U);
  const QueryOutcome& kept = told_.kept.front();
  EXPECT_EQ(kept.id, call.id);
  EXPECT_EQ(kept.features, key_->keep(QueryFeatures("why is the sky blue at noon")));
  EXPECT_EQ(kept.type, QueryType::kTechnical);
  EXPECT_EQ(kept.complexity, Complexity::kComplex);
  EXPECT_TRUE(kept.success);
  EXPECT_EQ(kept.type_label, std::nullopt);
  EXPECT_TRUE(told_.signals.empty());
}

TEST_F(QueryLearningTest, ATaskOfCodeIsALabel) {
  Call call = open_call();
  call.demand = Demand{.skills = kSkilledInCode};
  serve_one(call);
  ASSERT_EQ(told_.kept.size(), 1U);
  EXPECT_EQ(told_.kept.front().type_label, QueryType::kTechnical);
}

TEST_F(QueryLearningTest, ANamedModelLeavesNothing) {
  serve_one(call_for("a/m"));
  EXPECT_TRUE(told_.kept.empty());
}

TEST_F(QueryLearningTest, WithoutAKeyNothingIsKept) {
  key_ = nullptr;
  start();
  serve_one(open_call());
  EXPECT_TRUE(told_.kept.empty());
}

TEST_F(QueryLearningTest, TheSamePromptOfTheSameCallerHasOneHash) {
  const Call first = open_call();
  serve_one(first);
  serve_one(open_call("what else is there to be said"));
  serve_one(open_call());
  Call other = open_call();
  other.caller.key_name = "somebody else";
  serve_one(other);
  ASSERT_EQ(told_.ends.size(), 4U);
  const QueryEnd& end = told_.ends.front();
  EXPECT_EQ(end.id, first.id);
  EXPECT_EQ(end.about.query_class, static_cast<int>(QueryType::kTechnical));
  EXPECT_EQ(end.about.quality, std::nullopt);
  EXPECT_TRUE(end.answered);
  EXPECT_LE(end.began, end.ended);
  EXPECT_NE(end.prompt, 0U);
  EXPECT_EQ(told_.ends[2].prompt, end.prompt);
  EXPECT_NE(told_.ends[1].prompt, end.prompt);
  EXPECT_NE(told_.ends[3].prompt, end.prompt);
}

TEST_F(QueryLearningTest, ShortAndRepeatablePromptsHaveNone) {
  serve_one(open_call("are you there"));
  serve_one(open_call("why is the sky blue at noon", 0.0));
  ASSERT_EQ(told_.ends.size(), 2U);
  for (const QueryEnd& end : told_.ends) EXPECT_EQ(end.prompt, 0U);
}

TEST_F(QueryLearningTest, ACallerWhoLeavesInTheMiddleSaysALittle) {
  providers_["a"].answers = {{.between = kFar}};
  sink_.on_write = [&](const Chunk&) { leave_soon(); };
  Call call = open_call();
  call.demand = Demand{.allow = {"a"}};
  EXPECT_FALSE(serve(call));
  ASSERT_EQ(told_.kept.size(), 1U);
  EXPECT_TRUE(told_.kept.front().abandoned);
  EXPECT_FALSE(told_.kept.front().success);
  ASSERT_EQ(told_.ends.size(), 1U);
  EXPECT_FALSE(told_.ends.front().answered);
}

TEST_F(QueryLearningTest, AnswersThatFailAreKeptAsFailures) {
  for (const char* name : {"a", "b", "c"}) providers_[name].answers = {{.refuses = error_of(Fault::kUpstreamAuth)}};
  EXPECT_FALSE(serve(open_call()));
  ASSERT_EQ(told_.kept.size(), 1U);
  EXPECT_FALSE(told_.kept.front().success);
  EXPECT_FALSE(told_.kept.front().abandoned);
  EXPECT_TRUE(told_.ends.empty());
}

}  // namespace
}  // namespace orchestra
