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
  std::vector<OutcomeFact> about_quality() const {
    std::vector<OutcomeFact> facts;
    std::ranges::copy_if(told_.facts, std::back_inserter(facts),
                         [](const OutcomeFact& fact) { return fact.quality.has_value(); });
    return facts;
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

TEST_F(QueryLearningTest, ThePromptSentAgainSoonSpeaksSoftlyAgainstTheEarlierAnswer) {
  const Call first = open_call();
  serve_one(first);
  serve_one(open_call("what else is there to be said"));
  EXPECT_TRUE(about_quality().empty());
  serve_one(open_call());
  ASSERT_EQ(told_.signals.size(), 1U);
  EXPECT_EQ(told_.signals.front().id, first.id);
  EXPECT_TRUE(told_.signals.front().retried);
  ASSERT_EQ(about_quality().size(), 1U);
  EXPECT_EQ(about_quality().front().weight, QueryLearning::kRetryWeight);
  EXPECT_EQ(about_quality().front().success, std::nullopt);
}

TEST_F(QueryLearningTest, AProbeThatKeepsComingCountsTwiceAtMost) {
  for (int i = 0; i < 30; ++i) serve_one(open_call());
  EXPECT_EQ(told_.signals.size(), 2U);
}

TEST_F(QueryLearningTest, ShortAndRepeatablePromptsAreNoSign) {
  for (int i = 0; i < 3; ++i) serve_one(open_call("are you there"));
  for (int i = 0; i < 3; ++i) serve_one(open_call("why is the sky blue at noon", 0.0));
  EXPECT_TRUE(told_.signals.empty());
}

TEST_F(QueryLearningTest, AnotherCallersPromptIsNoRepetition) {
  serve_one(open_call());
  Call other = open_call();
  other.caller.key_name = "somebody else";
  serve_one(other);
  EXPECT_TRUE(told_.signals.empty());
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
  ASSERT_EQ(about_quality().size(), 1U);
  EXPECT_EQ(about_quality().front().weight, QueryLearning::kLeftWeight);
}

TEST_F(QueryLearningTest, AnswersThatFailAreKeptAsFailures) {
  for (const char* name : {"a", "b", "c"}) providers_[name].answers = {{.refuses = error_of(Fault::kUpstreamAuth)}};
  EXPECT_FALSE(serve(open_call()));
  ASSERT_EQ(told_.kept.size(), 1U);
  EXPECT_FALSE(told_.kept.front().success);
  EXPECT_FALSE(told_.kept.front().abandoned);
}

TEST(Repeats, CountOnlySoonAfterAnAnswer) {
  Repeats repeats;
  const FakeClock clock;
  const TimePoint now = clock.now();
  EXPECT_FALSE(repeats.repeated(7, now));
  repeats.answered(7, {}, now);
  EXPECT_FALSE(repeats.repeated(7, now - Micros(1))) << "both were under way together";
  EXPECT_FALSE(repeats.repeated(8, now));
  EXPECT_TRUE(repeats.repeated(7, now + Repeats::kSoon));
  EXPECT_FALSE(repeats.repeated(7, now + Repeats::kSoon + Micros(1)));
}

}  // namespace
}  // namespace orchestra
