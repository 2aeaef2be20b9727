#include "gateway/ensemble.h"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "gateway/cascade.h"
#include "gateway/fake_asker.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

constexpr Seconds kFar{60};
const Error kBroken{.fault = Fault::kUpstream, .what = "The upstream said no."};

class EnsembleTest : public testing::Test {
 protected:
  template <class T>
  Result<T> run(Task<T> task) {
    std::optional<Result<T>> result;
    asio::co_spawn(context_, std::move(task),
                   asio::bind_cancellation_slot(leave_.slot(), [&](std::exception_ptr thrown, Result<T> ran) {
                     EXPECT_FALSE(thrown);
                     result = std::move(ran);
                   }));
    context_.restart();
    const TimePoint limit = clock_.now() + kFar / 2;
    while (!result && clock_.now() < limit) context_.run_one_until(limit);
    EXPECT_TRUE(result.has_value()) << "it did not return";
    if (!result) return fail(Fault::kInternal, "It hangs.");
    return std::move(*result);
  }

  Result<EnsembleAnswer> merged(EnsembleWishes wishes, std::optional<Micros> limit = std::nullopt) {
    auto plan = plan_ensemble(std::move(wishes));
    if (!plan) return std::unexpected(plan.error());
    return run(run_ensemble(asker_, clock_, std::move(*plan), "Capital of France?", limit));
  }
  Result<CascadeAnswer> cascaded(CascadePlan plan, std::optional<Micros> limit = std::nullopt) {
    return run(run_cascade(asker_, clock_, std::move(plan), "Capital of France?", limit));
  }
  std::vector<std::string> asked() const {
    std::vector<std::string> names;
    for (const Question& question : asker_.asked) names.push_back(question.model);
    return names;
  }

  asio::io_context context_{1};
  SystemClock clock_;
  asio::cancellation_signal leave_;
  FakeAsker asker_{clock_};
};

TEST_F(EnsembleTest, MergesWhatItsMembersSay) {
  asker_.replies = {{"a", {"Rome"}}, {"b", {"Paris", {}, {}, Millis(2)}}, {"c", {"paris."}}};
  const auto answer = merged({.merge = "voting", .members = {"a", "b", "c"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->merged.text, "Paris");
  EXPECT_EQ(answer->merged.winner, 1U);
  EXPECT_THAT(answer->merged.confidence, Optional(DoubleNear(2.0 / 3, 1e-9)));
  ASSERT_EQ(answer->replies.size(), 3U);
  EXPECT_EQ(answer->replies[1].model, "p/b");
  EXPECT_NE(answer->replies[0].id, answer->replies[1].id);
  EXPECT_FALSE(answer->judge);
}

TEST_F(EnsembleTest, ToleratesAndReportsAMemberThatFails) {
  asker_.replies = {{"a", {"", {}, kBroken}}, {"b", {"Paris", 0.4}}, {"c", {"Paris, France", 0.9}}};
  const auto answer = merged({.merge = "", .members = {"a", "b", "c"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->merged.winner, 2U) << "an index into all members";
  EXPECT_THAT(answer->merged.confidence, Optional(0.9));
  ASSERT_TRUE(answer->replies[0].error);
  EXPECT_EQ(answer->replies[0].error->fault, Fault::kUpstream);
}

TEST_F(EnsembleTest, FailsWhenNobodyAnswersAndSaysWhatAllSaid) {
  asker_.replies = {{"a", {"", {}, kBroken}},
                    {"b", {"", {}, Error{.fault = Fault::kRateLimited, .what = "Slow down."}}}};
  const auto answer = merged({.merge = "voting", .members = {"a", "b"}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::kUpstream);
  EXPECT_THAT(answer.error().what, testing::AllOf(HasSubstr("p/a: The upstream"), HasSubstr("p/b: Slow down.")));
}

TEST_F(EnsembleTest, MergesWhatIsThereByTheDeadline) {
  asker_.replies = {{"a", {"Paris"}}, {"b", {"Rome", {}, {}, kFar}}};
  const auto answer = merged({.merge = "longest", .members = {"a", "b"}}, Millis(40));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->merged.text, "Paris");
  ASSERT_TRUE(answer->replies[1].error);
  EXPECT_EQ(answer->replies[1].error->fault, Fault::kTimeout);
  EXPECT_THAT(asker_.asked[0].limit, Optional(testing::Le(Micros(Millis(40)))));
}

TEST_F(EnsembleTest, CancelsWhoCannotChangeTheVoteAnyMore) {
  asker_.replies = {{"a", {"Paris"}}, {"b", {"Paris"}}, {"c", {"Rome", {}, {}, kFar}}};
  const auto answer = merged({.merge = "voting", .members = {"a", "b", "c"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->merged.text, "Paris");
  EXPECT_EQ(asker_.cut, 1);
  ASSERT_TRUE(answer->replies[2].error);
  EXPECT_EQ(answer->replies[2].error->code, "not_needed");
}

TEST_F(EnsembleTest, WeightsCount) {
  asker_.replies = {{"a", {"Rome"}}, {"b", {"Paris"}}, {"c", {"Paris"}}};
  const auto answer = merged({.merge = "weighted", .members = {"a", "b", "c"}, .weights = {{"a", 3}}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->merged.text, "Rome");
}

TEST_F(EnsembleTest, AJudgePicksAndIsAskedOnce) {
  asker_.replies = {{"a", {"Rome"}}, {"b", {"Paris"}}, {"j", {"2"}}};
  const auto answer = merged({.merge = "judge", .members = {"a", "b"}, .judge = "j"});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->judged);
  EXPECT_EQ(answer->merged.text, "Paris");
  EXPECT_EQ(answer->merged.confidence, std::nullopt);
  EXPECT_THAT(asked(), ElementsAre("a", "b", "j"));
  EXPECT_THAT(asker_.asked.back().prompt, Optional(HasSubstr("Capital of France?")));
  ASSERT_TRUE(answer->judge);
}

TEST_F(EnsembleTest, WithoutAVerdictConfidenceDecides) {
  for (const FakeReply& verdict : {FakeReply{"both are fine"}, FakeReply{"", {}, kBroken}}) {
    asker_.replies = {{"a", {"Rome", 0.2}}, {"b", {"Paris", 0.8}}, {"j", verdict}};
    const auto answer = merged({.merge = "judge", .members = {"a", "b"}, .judge = "j"});
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->judged);
    EXPECT_EQ(answer->merged.text, "Paris");
  }
}

TEST_F(EnsembleTest, MembersLeaveTheJudgeTime) {
  asker_.replies = {{"a", {"Rome"}}, {"b", {"Paris"}}, {"c", {"Oslo", {}, {}, kFar}}, {"j", {"2"}}};
  const auto answer = merged({.merge = "judge", .members = {"a", "b", "c"}, .judge = "j"}, Millis(200));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->judged);
  EXPECT_EQ(answer->merged.text, "Paris");
}

TEST_F(EnsembleTest, OneAnswerNeedsNoJudge) {
  asker_.replies = {{"a", {"Paris"}}, {"b", {"", {}, kBroken}}};
  const auto answer = merged({.merge = "judge", .members = {"a", "b"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(asked().size(), 2U);
}

TEST_F(EnsembleTest, AChainShowsEachTheAnswerBefore) {
  asker_.replies = {{"a", {"draft"}}, {"b", {"", {}, kBroken}}, {"c", {"final"}}};
  const auto answer = merged({.merge = "chain", .members = {"a", "b", "c"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->merged.text, "final");
  EXPECT_EQ(answer->merged.winner, 2U);
  EXPECT_FALSE(asker_.asked[0].prompt);
  EXPECT_THAT(asker_.asked[2].prompt, Optional(HasSubstr("draft"))) << "the last that there is";
}

TEST_F(EnsembleTest, ACallerWhoLeavesTakesTheMembersAlong) {
  asker_.replies = {{"a", {"x", {}, {}, kFar}}, {"b", {"x", {}, {}, kFar}}};
  asker_.on_ask = [this] { asio::post(context_, [this] { leave_.emit(asio::cancellation_type::terminal); }); };
  const auto answer = merged({.merge = "voting", .members = {"a", "b"}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::kCancelled);
  EXPECT_EQ(asker_.cut, 2);
}

TEST_F(EnsembleTest, RefusesWhatNoEnsembleIs) {
  for (const auto& [wishes, param] : std::vector<std::pair<EnsembleWishes, std::string>>{
           {{.merge = "magic", .members = {"a"}}, "merge"},
           {{.merge = "voting", .members = {}}, "members"},
           {{.merge = "voting", .members = std::vector<std::string>(9, "a")}, "members"},
           {{.merge = "voting", .members = {"a"}, .weights = {{"a", 0}}}, "weights"},
           {{.merge = "voting", .members = {"a"}, .weights = {{"b", 1}}}, "weights"}}) {
    const auto refused = plan_ensemble(wishes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::kUnprocessable);
    EXPECT_EQ(refused.error().param, param);
  }
}

using CascadeTest = EnsembleTest;

TEST_F(CascadeTest, StopsAtTheFirstThatPasses) {
  asker_.replies = {{"a", {"Paris"}}, {"b", {"never asked"}}};
  const auto answer = cascaded({.members = {"a", "b"}});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->passed);
  EXPECT_THAT(asked(), ElementsAre("a"));
  EXPECT_FALSE(asker_.asked[0].probabilities) << "nobody asks how sure it is";
}

TEST_F(CascadeTest, EscalatesWhenAModelFailsOrACheckDoes) {
  asker_.replies = {{"a", {"", {}, kBroken}}, {"b", {"It is Paris"}}, {"c", {"PARIS 75"}}};
  const auto answer = cascaded({.members = {"a", "b", "c"}, .pattern = Pattern::compile("\\d+").value()});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->passed);
  EXPECT_EQ(answer->chosen, 2U);
  ASSERT_EQ(answer->steps.size(), 3U);
  EXPECT_THAT(answer->steps[1].failed, HasSubstr("pattern"));
}

TEST_F(CascadeTest, ChecksJsonAndItsSchema) {
  asker_.replies = {{"a", {"Paris"}}, {"b", {R"({"town":"Paris"})"}}, {"c", {R"({"city":"Paris"})"}}};
  const auto answer = cascaded(
      {.members = {"a", "b", "c"}, .json = true, .schema = JsonSchema::parse(R"({"required":["city"]})").value()});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->chosen, 2U);
  EXPECT_THAT(answer->steps[0].failed, HasSubstr("no JSON"));
  EXPECT_THAT(answer->steps[1].failed, HasSubstr("city"));
}

TEST_F(CascadeTest, ChecksConfidenceByProbabilityAndThenByAgreement) {
  asker_.replies = {{"a", {"Rome", 0.3}}, {"b", {"the city of Paris"}}, {"c", {"the city of Paris"}}};
  const auto answer = cascaded({.members = {"a", "b", "c"}, .min_confidence = 0.9});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->passed);
  EXPECT_EQ(answer->chosen, 2U);
  EXPECT_THAT(answer->steps[1].confidence, Optional(0.0)) << "agreement with Rome";
  EXPECT_THAT(answer->steps[2].confidence, Optional(1.0));
  EXPECT_TRUE(asker_.asked[0].probabilities);

  asker_.replies = {{"a", {"Paris"}}};
  const auto alone = cascaded({.members = {"a"}, .min_confidence = 0.1});
  ASSERT_TRUE(alone);
  EXPECT_FALSE(alone->passed) << "nothing is known of it";
  EXPECT_EQ(alone->steps[0].confidence, std::nullopt);
}

TEST_F(CascadeTest, AJudgeLooksAtWhatPassedTheRest) {
  asker_.replies = {{"a", {"Rome 1"}}, {"b", {"no number"}}, {"c", {"Paris 75"}}, {"j", {"No."}}};
  const auto answer = cascaded({.members = {"a", "b", "c"}, .pattern = Pattern::compile("\\d").value(), .judge = "j"});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->passed);
  EXPECT_EQ(answer->chosen, 2U) << "the last answer stands";
  EXPECT_THAT(asked(), ElementsAre("a", "j", "b", "c", "j"));
  EXPECT_THAT(answer->steps[0].failed, HasSubstr("judge"));
}

TEST_F(CascadeTest, TheLastAnswerStandsWhenTheTimeIsOver) {
  asker_.replies = {{"a", {"Rome"}}, {"b", {"Paris", {}, {}, kFar}}, {"c", {"never asked"}}};
  const auto answer = cascaded({.members = {"a", "b", "c"}, .pattern = Pattern::compile("Paris").value()}, Millis(40));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->chosen, 0U);
  EXPECT_FALSE(answer->passed);
  EXPECT_THAT(asked(), ElementsAre("a", "b"));
}

TEST_F(CascadeTest, FailsWhenNobodyAnswers) {
  asker_.replies = {{"a", {"", {}, kBroken}}};
  const auto answer = cascaded({.members = {"a"}});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::kUpstream);
}

TEST(CheapestFirst, OrdersTheBestByWhatTheyCost) {
  Decision decision;
  for (const auto& [id, usd] :
       std::vector<std::pair<const char*, float>>{{"a", 0.3F}, {"b", -1}, {"c", 0.1F}, {"d", 0.01F}}) {
    decision.plan.order.push_back({.model = ModelId{id}});
    decision.considered.push_back(
        {.model = ModelId{id}, .verdict = "fallback", .contender = Contender{.expected_usd = usd}});
  }
  EXPECT_THAT(cheapest_first(decision, 3), ElementsAre("c", "a", "b")) << "d is not among the three best";
  EXPECT_TRUE(cheapest_first(Decision(), 3).empty());
}

}  // namespace
}  // namespace orchestra
