#include "gateway/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/test_gateway.h"

namespace orchestra {
namespace {

using testing::HasSubstr;

TEST_F(GatewayTest, RelaysAnAnswerAndBooksIt) {
  EXPECT_TRUE(serve("a/m"));
  EXPECT_EQ(sink_.text, "one two three");
  EXPECT_TRUE(sink_.ended);
  EXPECT_EQ(sink_.head->model, "a/m");
  ASSERT_EQ(journal_.opened.size(), 1U);
  EXPECT_EQ(journal_.opened[0].asked, "a/m");
  EXPECT_EQ(journal_.opened[0].model.text, "a/m");
  EXPECT_GT(journal_.opened[0].reserve, MicroUsd(0));
  EXPECT_EQ(settled().outcome, Outcome::kAnswered);
  EXPECT_EQ(settled().status, 200);
  EXPECT_EQ(settled().cost, MicroUsd(10));
  EXPECT_EQ(sink_.cost, MicroUsd(10));
  EXPECT_EQ(sink_.booked_after_writes, sink_.writes - 1) << "before the last write";
  EXPECT_TRUE(settled().cost_known);
  EXPECT_GT(settled().first_content, Micros(0));
  EXPECT_EQ(settled().decision->rule, "explicit");
  EXPECT_THAT(outcomes(), testing::ElementsAre("answered"));
}

TEST_F(GatewayTest, TheJournalIsAheadOfTheUpstreamAndOfTheLastByte) {
  providers_["a"].on_open = [&] { EXPECT_EQ(journal_.opened.size(), 1U); };
  int last_writes = 0;
  sink_.on_write = [&](const Chunk& chunk) {
    const bool last = (chunk.marks & kEnd) != 0;
    last_writes += last;
    EXPECT_EQ(journal_.settled.size(), last ? 1U : 0U);
  };
  EXPECT_TRUE(serve("a/m"));
  EXPECT_EQ(last_writes, 1);
}

TEST_F(GatewayTest, TheJournalIsAheadOfAnErrorToo) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kInvalid)}};
  sink_.on_fail = [&] { EXPECT_EQ(journal_.settled.size(), 1U); };
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(sink_.error->fault, Fault::kInvalid);
  EXPECT_EQ(settled().outcome, Outcome::kFailed);
  EXPECT_EQ(settled().status, 400);
  EXPECT_EQ(settled().cost, MicroUsd(0));
  EXPECT_FALSE(sink_.head.has_value());
}

TEST_F(GatewayTest, AFullJournalRefusesBeforeTheUpstreamIsAsked) {
  journal_.full = true;
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(sink_.error->fault, Fault::kUnavailable);
  EXPECT_EQ(providers_["a"].opens, 0U);
}

TEST_F(GatewayTest, AnUnknownModelIsBookedAsFailedWithItsDecision) {
  EXPECT_FALSE(serve("a/n"));
  EXPECT_EQ(sink_.error->code, "model_not_found");
  EXPECT_EQ(settled().status, 404);
  EXPECT_EQ(settled().decision->asked, "a/n");
  EXPECT_EQ(journal_.opened[0].asked, "") << "made-up names would fill the ledger's table of names";
  EXPECT_TRUE(settled().cost_known);
}

TEST_F(GatewayTest, AnAdmissionRefusesBeforeAnythingElse) {
  struct Closed final : Admission {
    Result<void> admit(const Call&) noexcept override { return fail(Fault::kRateLimited, "Too many requests."); }
  } closed;
  admissions_ = {&closed};
  start();
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(sink_.error->fault, Fault::kRateLimited);
  EXPECT_TRUE(journal_.opened.empty());
  EXPECT_EQ(providers_["a"].opens, 0U);
}

TEST_F(GatewayTest, FallsBackBeforeTheFirstContent) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kUpstreamAuth)}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "b/m");
  EXPECT_EQ(settled().model.text, "b/m");
  EXPECT_THAT(outcomes(), testing::ElementsAre("provider_authentication_error", "answered"));
  EXPECT_EQ(metric("orchestra_fallbacks_total{model=\"b/m\",first=\"a/m\"}"), "1");
}

TEST_F(GatewayTest, RetriesAnUpstreamFault) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kUpstream)}, {}};
  EXPECT_TRUE(serve("a/m"));
  EXPECT_EQ(providers_["a"].opens, 2U);
  EXPECT_EQ(sink_.text, "one two three");
}

TEST_F(GatewayTest, NeverFallsBackAfterTheFirstContent) {
  providers_["a"].answers = {{.pieces = {"half "}, .breaks = error_of(Fault::kUpstream)}};
  EXPECT_FALSE(serve("chain"));
  EXPECT_EQ(sink_.text, "half ");
  EXPECT_FALSE(sink_.ended);
  EXPECT_EQ(sink_.error->fault, Fault::kUpstream);
  EXPECT_EQ(providers_["b"].opens, 0U);
  EXPECT_EQ(settled().outcome, Outcome::kFailed);
  EXPECT_EQ(settled().status, 200);
  // What came is billed: the input as estimated, the output as counted.
  EXPECT_FALSE(settled().usage.known);
  EXPECT_EQ(settled().usage.input, Tokens(100));
  EXPECT_EQ(settled().usage.output, Tokens(1));
  EXPECT_EQ(settled().cost, MicroUsd(101));
}

TEST_F(GatewayTest, AWholeAnswerThatBreaksOffIsAskedOfTheNext) {
  providers_["a"].answers = {{.breaks = error_of(Fault::kUpstreamAuth), .stream = false}};
  providers_["b"].answers = {{.stream = false}};
  EXPECT_TRUE(serve(call_for("chain", false)));
  EXPECT_EQ(sink_.text, "one two three");
  EXPECT_EQ(sink_.writes, 1);
  EXPECT_EQ(sink_.head->model, "b/m");
}

TEST_F(GatewayTest, AllCandidatesFailingNamesThemAndKeepsTheRateLimit) {
  Error limited = error_of(Fault::kRateLimited, Seconds(30));
  limited.headers = {{"x-ratelimit-remaining-requests", "0"}};
  providers_["a"].answers = {{.refuses = limited}};
  providers_["b"].answers = {{.refuses = error_of(Fault::kNotFound)}};
  EXPECT_FALSE(serve("chain"));
  EXPECT_EQ(sink_.error->fault, Fault::kRateLimited);
  EXPECT_EQ(sink_.error->retry_after, Seconds(30));
  EXPECT_EQ(sink_.error->headers, limited.headers);
  EXPECT_THAT(sink_.error->what, HasSubstr("a/m"));
  EXPECT_THAT(sink_.error->what, HasSubstr("b/m"));
  EXPECT_EQ(settled().status, 429);
}

TEST_F(GatewayTest, ARateLimitedModelIsTriedLastUntilItsRetryAfter) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kRateLimited, Seconds(30))}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(providers_["a"].opens, 1U);
  EXPECT_EQ(providers_["b"].opens, 2U);
}

TEST_F(GatewayTest, FiveFailuresOpenTheBreakerAndTheCallerLearnsWhenToComeBack) {
  providers_["a"].answers = {{.refuses = error_of(Fault::kUpstream)}};
  while (health_.cell("a/m").view(clock_.now()).admits) EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(providers_["a"].opens, 5U);
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(providers_["a"].opens, 5U);
  EXPECT_EQ(sink_.error->fault, Fault::kUnavailable);
  EXPECT_EQ(sink_.error->code, kCircuitOpen);
  EXPECT_GT(sink_.error->retry_after, Seconds(50));
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "b/m");
}

TEST_F(GatewayTest, ACallerWhoLeavesBeforeContentIsAbandoned) {
  providers_["a"].answers = {{.first_after = kFar}};
  providers_["a"].on_open = [&] { leave_soon(); };
  EXPECT_FALSE(serve("chain"));
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(settled().status, 499);
  EXPECT_EQ(settled().usage.input, Tokens(100));  // the provider has read it
  EXPECT_EQ(settled().usage.output, Tokens(0));
  EXPECT_FALSE(sink_.error.has_value());
  EXPECT_EQ(providers_["b"].opens, 0U);
  EXPECT_TRUE(health_.cell("a/m").view(clock_.now()).admits);
  EXPECT_EQ(health_.cell("a/m").view(clock_.now()).success_permille, 1000);
}

TEST_F(GatewayTest, ACallerWhoLeavesBetweenRetriesIsAbandoned) {
  options_.select.backoff_base = options_.select.backoff_cap = kFar;
  start();
  providers_["a"].answers = {{.refuses = error_of(Fault::kUpstream)}};
  providers_["a"].on_open = [&] { leave_soon(); };
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(providers_["a"].opens, 1U);
}

TEST_F(GatewayTest, ACallerWhoLeavesAfterContentIsAbandonedWithTheTally) {
  providers_["a"].answers = {{.between = kFar}};
  sink_.on_write = [&](const Chunk&) { leave_soon(); };
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(settled().usage.output, Tokens(1));
  EXPECT_FALSE(settled().usage.known);
  EXPECT_FALSE(sink_.error.has_value());
}

TEST_F(GatewayTest, ACallerWhoseConnectionBreaksIsAbandoned) {
  sink_.leave_after_writes = 1;
  EXPECT_FALSE(serve("a/m"));
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(settled().usage.output, Tokens(2));
  EXPECT_EQ(sink_.text, "one ");
}

TEST_F(GatewayTest, TheDeadlineOfTheCallerEndsTheWalkWithoutBlamingTheModel) {
  providers_["a"].answers = {{.first_after = kFar}};
  Call call = call_for("chain");
  call.deadline = Millis(20);
  EXPECT_FALSE(serve(call));
  EXPECT_EQ(sink_.error->fault, Fault::kTimeout);
  EXPECT_EQ(settled().status, 504);
  EXPECT_EQ(providers_["b"].opens, 0U);
  EXPECT_EQ(health_.cell("a/m").view(clock_.now()).success_permille, 1000);
}

TEST_F(GatewayTest, OurOwnTimeoutSpeaksAgainstTheModelAndLeadsToTheNext) {
  options_.select.timeouts.first_content = Millis(10);
  options_.select.attempts_per_candidate = 1;
  start();
  providers_["a"].answers = {{.first_after = kFar}};
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(sink_.head->model, "b/m");
  EXPECT_LT(health_.cell("a/m").view(clock_.now()).success_permille, 1000);
}

TEST_F(GatewayTest, AWholeAnswerMayTakeLongerThanTheFirstContentOfAStream) {
  options_.select.timeouts.first_content = Millis(1);
  start();
  providers_["a"].answers = {{.first_after = Millis(20)}};
  EXPECT_TRUE(serve(call_for("chain", false)));
  EXPECT_EQ(sink_.head->model, "a/m");
  EXPECT_EQ(settled().attempts.size(), 1U);
}

TEST_F(GatewayTest, ATimeLimitOfTheProviderGoesBeforeTheCommonOne) {
  options_.select.provider_timeouts["a"] = {.total = Millis(10)};
  start();
  providers_["a"].answers = {{.first_after = kFar}};
  EXPECT_TRUE(serve(call_for("chain", false)));
  EXPECT_EQ(sink_.head->model, "b/m");
}

TEST_F(GatewayTest, UnknownUsageIsEstimated) {
  providers_["a"].answers = {{.usage = std::nullopt}};
  EXPECT_TRUE(serve("a/m"));
  EXPECT_FALSE(settled().usage.known);
  EXPECT_EQ(settled().usage.input, Tokens(100));
  EXPECT_EQ(settled().usage.output, Tokens(3));
}

// Says whether the disk had everything when asked.
class DurableJournal final : public Journal {
 public:
  Result<JournalTicket> open(const SpendOpened&) noexcept override { return JournalTicket{1}; }
  void settle(JournalTicket, const SpendSettled&) noexcept override { settled = true; }
  bool waits_for_disk() const noexcept override { return true; }
  Task<void> synced() override {
    on_disk = settled;
    co_return Result<void>();
  }
  bool settled = false, on_disk = false;
};

TEST_F(GatewayTest, WithPowerDurabilityTheLastByteWaitsForTheDisk) {
  DurableJournal durable;
  gateway_.emplace(GatewayParts{.loop = context_.get_executor(),
                                .providers = shared(providers_),
                                .journal = durable,
                                .health = health_,
                                .sessions = sessions_,
                                .metrics = metrics_,
                                .clock = clock_,
                                .admissions = {}},
                   options_);
  gateway_->set_catalogue(three_models());
  sink_.on_write = [&](const Chunk& chunk) { EXPECT_EQ(durable.on_disk, (chunk.marks & kEnd) != 0); };
  EXPECT_TRUE(serve("a/m"));
  EXPECT_EQ(sink_.writes, 3);
}
TEST_F(GatewayTest, ACallKeepsTheProvidersItBeganWithAndTheyGoWithIt) {
  auto before = std::make_shared<FakeProviders>(clock_);
  (*before)["a"].answers = {{.refuses = Error{.fault = Fault::kUnavailable, .what = "down"}}};
  (*before)["a"].on_open = [&] { gateway_->set_providers(std::make_shared<FakeProviders>(clock_)); };
  (*before)["b"];
  const std::weak_ptr<Providers> watched = before;
  gateway_->set_providers(std::move(before));
  EXPECT_TRUE(serve("chain"));
  EXPECT_EQ(settled().outcome, Outcome::kAnswered);
  EXPECT_EQ(settled().model.text, "b/m");
  EXPECT_TRUE(watched.expired());
}

TEST_F(GatewayTest, ALoopThatIsTornDownBooksWhatWasUnderWay) {
  auto context = std::make_unique<asio::io_context>(1);
  FakeSink sink;
  const Call call = call_for("a/m");
  providers_["a"].answers = {{.between = kFar}};
  std::optional<Gateway> gateway;
  gateway.emplace(GatewayParts{.loop = context->get_executor(),
                               .providers = shared(providers_),
                               .journal = journal_,
                               .health = health_,
                               .sessions = sessions_,
                               .metrics = metrics_,
                               .clock = clock_,
                               .admissions = {}},
                  options_);
  gateway->set_catalogue(three_models());
  asio::co_spawn(*context, gateway->serve(call, sink), [](std::exception_ptr, const Result<void>&) {});
  while (sink.writes == 0) context->run_one();
  EXPECT_TRUE(journal_.settled.empty());
  gateway.reset();
  context.reset();
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(settled().usage.output, Tokens(1));
  EXPECT_EQ(providers_["a"].alive, 0);
}

TEST_F(GatewayTest, ALoopThatIsTornDownBeforeTheFirstContentBooksToo) {
  auto context = std::make_unique<asio::io_context>(1);
  FakeSink sink;
  const Call call = call_for("chain");
  options_.select.hedge_after = Millis(1);
  providers_["a"].answers = providers_["b"].answers = {{.first_after = kFar}};
  std::optional<Gateway> gateway;
  gateway.emplace(GatewayParts{.loop = context->get_executor(),
                               .providers = shared(providers_),
                               .journal = journal_,
                               .health = health_,
                               .sessions = sessions_,
                               .metrics = metrics_,
                               .clock = clock_,
                               .admissions = {}},
                  options_);
  gateway->set_catalogue(three_models());
  asio::co_spawn(*context, gateway->serve(call, sink), [](std::exception_ptr, const Result<void>&) {});
  while (providers_["b"].opens == 0) context->run_one();
  gateway.reset();
  context.reset();
  EXPECT_EQ(settled().outcome, Outcome::kAbandoned);
  EXPECT_EQ(providers_["a"].opening + providers_["b"].opening, 0);
}

TEST_F(GatewayTest, CountsRequestsTokensAndAttempts) {
  EXPECT_TRUE(serve("a/m"));
  EXPECT_FALSE(serve("nobody"));
  EXPECT_EQ(metric("orchestra_requests_total{model=\"a/m\",outcome=\"answered\"}"), "1");
  EXPECT_EQ(metric("orchestra_requests_total{model=\"none\",outcome=\"failed\"}"), "1");
  EXPECT_EQ(metric("orchestra_tokens_total{model=\"a/m\",kind=\"output\"}"), "3");
  EXPECT_EQ(metric("orchestra_attempts_total{model=\"a/m\",outcome=\"answered\"}"), "1");
  EXPECT_EQ(metric("orchestra_requests_in_flight"), "0");
}

TEST_F(GatewayTest, DecidesWithoutServing) {
  const auto decided = gateway_->decide(call_for("chain"));
  EXPECT_EQ(decided.decision->plan.order.size(), 2U);
  EXPECT_FALSE(decided.refused.has_value());
  EXPECT_EQ(gateway_->decide(call_for("m")).refused->code, "ambiguous_model");
  EXPECT_EQ(providers_["a"].opens, 0U);
}

TEST_F(GatewayTest, RequestsOfOneKindShareADecisionUntilSomethingChanges) {
  const auto first = gateway_->decide(call_for("chain")).decision;
  EXPECT_EQ(gateway_->decide(call_for("chain")).decision, first);
  EXPECT_NE(gateway_->decide(call_for("long-chain")).decision, first);
  Call larger = call_for("chain");
  larger.shape.text_bytes = 40'000;
  EXPECT_NE(gateway_->decide(larger).decision, first);
  HealthPass::enter(health_.cell("a/m"), clock_)->failed(error_of(Fault::kRateLimited, Seconds(9)));
  const auto cooled = gateway_->decide(call_for("chain")).decision;
  EXPECT_NE(cooled, first);
  EXPECT_EQ(cooled->plan.order[0].model.text, "b/m");
  gateway_->set_catalogue(three_models());
  EXPECT_NE(gateway_->decide(call_for("chain")).decision, cooled);
}

}  // namespace
}  // namespace orchestra
