#include "gateway/learning.h"

#include <gmock/gmock.h>

#include "gateway/test_gateway.h"
#include "ports/fake_outcomes.h"

namespace orchestra {
namespace {

class LearningTest : public GatewayTest {
 protected:
  LearningTest() {
    outcomes_told_ = &told_;
    classify_ = [this](const Request&) { return query_; };
    start();
  }

  // A call that can be decoded, and so classified.
  Call open_call() {
    Call call = call_for("auto");
    call.decode = [](const Call&) -> Result<Request> { return ChatRequest{}; };
    return call;
  }

  FakeOutcomes told_;
  Classification query_{.type = QueryType::kTechnical, .confidence = 0.93, .complexity = Complexity::kComplex};
};

TEST_F(LearningTest, AnAnswerTellsItsTimesTokensAndCost) {
  EXPECT_TRUE(serve("a/m"));
  ASSERT_EQ(told_.facts.size(), 1U);
  const OutcomeFact& fact = told_.facts.front();
  EXPECT_EQ(fact.model.text, "a/m");
  EXPECT_EQ(fact.success, true);
  EXPECT_TRUE(fact.first_content);
  EXPECT_TRUE(fact.duration);
  EXPECT_EQ(fact.output, Tokens(3));
  EXPECT_EQ(fact.cost, MicroUsd(10));
  EXPECT_EQ(fact.query_class, kNoQueryClass) << "a model that is named needs no class";
}

TEST_F(LearningTest, AFailedCandidateIsToldBesideTheOneThatAnswered) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kUpstream)}};
  options_.select.attempts_per_candidate = 1;
  gateway_->set_options(options_);
  EXPECT_TRUE(serve("chain"));
  ASSERT_EQ(told_.facts.size(), 2U);
  EXPECT_EQ(told_.facts[0].model.text, "a/m");
  EXPECT_EQ(told_.facts[0].success, false);
  EXPECT_FALSE(told_.facts[0].first_content);
  EXPECT_EQ(told_.facts[1].model.text, "b/m");
  EXPECT_EQ(told_.facts[1].success, true);
}

TEST_F(LearningTest, ARequestAtFaultSaysNothingOfTheModel) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kInvalid)}};
  EXPECT_FALSE(serve("a/m"));
  EXPECT_TRUE(told_.facts.empty());
}

TEST_F(LearningTest, AnAnswerThatBreaksOffIsAFailure) {
  providers_["a"].answers = {{.breaks = error_of(Fault::kUpstream)}};
  EXPECT_FALSE(serve("a/m"));
  ASSERT_EQ(told_.facts.size(), 1U);
  EXPECT_EQ(told_.facts[0].success, false);
}

TEST_F(LearningTest, ACallerWhoLeavesTellsOfTheFirstContentAlone) {
  providers_["a"].answers = {{.between = kFar}};
  sink_.on_write = [&](const Chunk&) { leave_soon(); };
  EXPECT_FALSE(serve("a/m"));
  ASSERT_EQ(told_.facts.size(), 1U);
  EXPECT_EQ(told_.facts[0].success, std::nullopt);
  EXPECT_TRUE(told_.facts[0].first_content);
  EXPECT_FALSE(told_.facts[0].duration);
}

TEST_F(LearningTest, OpenRequestsAreClassifiedInStepsThatShareDecisions) {
  const Decided first = gateway_->decide(open_call());
  ASSERT_TRUE(first.decision->features.query);
  EXPECT_EQ(first.decision->features.query->type, QueryType::kTechnical);
  EXPECT_DOUBLE_EQ(first.decision->features.query->confidence, 0.95);
  query_.confidence = 0.94;
  EXPECT_EQ(gateway_->decide(open_call()).decision, first.decision) << "near enough to share";
  query_.type = QueryType::kSimple;
  EXPECT_NE(gateway_->decide(open_call()).decision, first.decision);
}

TEST_F(LearningTest, PicturesMakeARequestMultimediaWhateverItsWords) {
  Call call = open_call();
  call.shape.has_images = true;
  EXPECT_EQ(gateway_->classify(call)->type, QueryType::kMultimedia);
  EXPECT_EQ(gateway_->classify(call)->confidence, 1);
}

TEST_F(LearningTest, StrategiesThatDrawDecideEveryTime) {
  Call call = open_call();
  call.demand = Demand{.strategy = "weighted_round_robin"};
  std::set<std::string> chosen;
  for (int i = 0; i < 12; ++i) chosen.insert(gateway_->decide(call).decision->plan.order.front().model.text);
  EXPECT_EQ(chosen.size(), 3U);
}

TEST_F(LearningTest, OpenChoicesAreCountedAndTimedAndOthersAreNot) {
  EXPECT_TRUE(serve("a/m"));
  EXPECT_TRUE(metrics_.counters("orchestra_selections_total").empty());
  EXPECT_TRUE(metrics_.counters("orchestra_classified_requests_total").empty());
  const Call call = open_call();
  const auto query = gateway_->classify(call).value();
  gateway_->decide(call);
  EXPECT_TRUE(serve(call));
  const std::string type(query_type_name(query.type)), complexity(complexity_name(query.complexity));
  const auto selections = metrics_.counters("orchestra_selections_total");
  ASSERT_EQ(selections.size(), 1U);
  EXPECT_EQ(selections[0].second, 2U);
  const Metrics::Labels kind{selections[0].first.front(), {"query_type", type}, {"complexity", complexity}};
  EXPECT_EQ(selections[0].first, kind);
  const auto classified = metrics_.counters("orchestra_classified_requests_total");
  ASSERT_EQ(classified.size(), 1U);
  EXPECT_EQ(classified[0].second, 1U);
  EXPECT_EQ(metric("orchestra_selection_seconds_count{query_type=\"" + type + "\"}"), "2");
}

TEST_F(LearningTest, ASessionStaysWhereItWasAnswered) {
  Call call = open_call();
  call.demand = Demand{.strategy = "sticky", .session = 42};
  EXPECT_TRUE(serve(call));
  const std::string home = told_.facts.back().model.text;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gateway_->decide(call).decision->plan.order.front().model.text, home);
}

TEST_F(LearningTest, WhatWasMeasuredIsLookedAtForItsOwnCatalogueAlone) {
  const auto view = [](std::int64_t version) {
    auto made = std::make_shared<PerformanceView>(version);
    for (const float quality : {0.2F, 0.9F, 0.3F}) {
      const Estimate estimate{.quality = {quality, 50}, .success = {1, 50}};
      made->add({.expected = estimate, .measured = estimate, .cells = {}});
    }
    return made;
  };
  Call call = open_call();
  call.demand = Demand{.strategy = "accuracy"};
  gateway_->set_performance(view(99));
  EXPECT_EQ(gateway_->decide(call).decision->plan.order.front().model.text, "a/m");
  gateway_->set_performance(view(1));
  EXPECT_EQ(gateway_->decide(call).decision->plan.order.front().model.text, "b/m");
}

TEST_F(LearningTest, TheClassBoundsTheFirstTokenWhereTheServerChooses) {
  const auto limit = [&](const Call& call) { return gateway_->decide(call).decision->plan.timeouts.first_content; };
  EXPECT_EQ(limit(open_call()), Seconds(7));
  EXPECT_EQ(gateway_->decide(open_call()).decision->plan.timeouts.total, Timeouts().total);
  query_.type = QueryType::kSimple;
  EXPECT_EQ(limit(open_call()), Seconds(5));
  EXPECT_EQ(limit(call_for("a/m")), Timeouts().first_content) << "a named model has all the time";
  Call in_haste = open_call();
  in_haste.deadline = Seconds(30);
  EXPECT_EQ(limit(in_haste), Timeouts().first_content) << "the caller's own deadline holds in its place";
}

TEST_F(LearningTest, AStreamThatBeginsTooLateForTheClassIsSlowAndNotBroken) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kTimeout)}};
  Call call = open_call();
  call.demand = Demand{.allow = {"a"}};
  EXPECT_FALSE(serve(call));
  ASSERT_GE(told_.facts.size(), 1U);
  EXPECT_EQ(told_.facts.front().success, std::nullopt);
  EXPECT_EQ(told_.facts.front().first_content, Micros(Seconds(7)));
  EXPECT_EQ(health_.cell("a/m").view(clock_.now()).success_permille, 1000);
}

}  // namespace
}  // namespace orchestra
