#include "policy/select.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/names.h"
#include "policy/race.h"
#include "policy/test_select.h"

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Select, ResolvesIdsBareNamesAliasesAndAuto) {
  Asked asked(usual());
  EXPECT_THAT(asked.order("openai/gpt-4o"), ElementsAre("openai/gpt-4o"));
  EXPECT_EQ(asked.select("openai/gpt-4o").decision.rule, "explicit");
  EXPECT_THAT(asked.order("claude-sonnet"), ElementsAre("anthropic/claude-sonnet"));
  EXPECT_EQ(asked.select("claude-sonnet").decision.rule, "bare name");
  EXPECT_THAT(asked.order("llama3"), ElementsAre("local/llama3:latest"));
  EXPECT_THAT(asked.order("smart"), ElementsAre("openai/gpt-4o", "anthropic/claude-sonnet"));
  EXPECT_EQ(asked.select("smart").decision.rule, "alias smart");
  EXPECT_EQ(asked.select("auto").decision.rule, "auto");
}

TEST(Select, ANameThatSeveralProvidersOfferIsAnErrorThatListsThem) {
  Asked asked(usual());
  const Error error = asked.refusal("gpt-4o");
  EXPECT_EQ(error.fault, Fault::kInvalid);
  EXPECT_EQ(error.code, "ambiguous_model");
  EXPECT_THAT(error.what, HasSubstr("\"azure/gpt-4o\", \"openai/gpt-4o\""));
}

TEST(Select, AnUnknownNameIsNotFoundWithTheNearestSpellings) {
  Asked asked(usual());
  const Error error = asked.refusal("openai/gpt4o-mini");
  EXPECT_EQ(error.fault, Fault::kNotFound);
  EXPECT_EQ(error.code, "model_not_found");
  EXPECT_EQ(error.param, "model");
  EXPECT_THAT(error.what, HasSubstr("Did you mean \"openai/gpt-4o-mini\""));
  EXPECT_EQ(asked.refusal("qqqqqqqqq").what.find("Did you mean"), std::string::npos);
  EXPECT_LT(asked.refusal(std::string(1'000'000, 'a')).what.size(), 500U);
}

TEST(Select, WithoutAnyModelTheErrorSaysWhereModelsComeFrom) {
  Asked nothing(catalogue_of({}, {{"empty", {"openai/retired"}}}));
  for (const char* name : {"auto", "gpt-4o", "empty"}) {
    const Error error = nothing.refusal(name);
    EXPECT_EQ(error.fault, Fault::kNotFound) << name;
    EXPECT_THAT(error.what, HasSubstr("Set a provider's key or put a GGUF file")) << name;
  }
}

TEST(Select, AutoStaysAutoBesideAModelOfThatName) {
  Asked asked(catalogue_of({remote("openai/gpt-4o"), remote("lab/auto")}, {{"mine", {"lab/auto", "auto"}}}));
  EXPECT_EQ(asked.select("auto").decision.rule, "auto");
  EXPECT_EQ(asked.order("auto").size(), 2U);
  EXPECT_THAT(asked.order("lab/auto"), ElementsAre("lab/auto"));
  EXPECT_THAT(asked.order("mine"), ElementsAre("lab/auto", "openai/gpt-4o"));
}

TEST(Select, ARequestWithoutAModelGetsTheDefault) {
  Asked asked(usual());
  EXPECT_EQ(asked.select("").decision.rule, "auto");
  asked.options.default_model = "smart";
  EXPECT_EQ(asked.select("").decision.rule, "alias smart");
  asked.options.default_model = "";
  EXPECT_EQ(asked.refusal("").fault, Fault::kInvalid);
}

TEST(Select, AliasesNestWithoutRepeatsAndSurviveCycles) {
  Asked asked(usual());
  EXPECT_THAT(asked.order("any"), ElementsAre("openai/gpt-4o", "anthropic/claude-sonnet", "local/orchestra-demo"));
  EXPECT_THAT(asked.order("loop-a"), ElementsAre("openai/gpt-4o-mini"));
  EXPECT_THAT(asked.order("stale"), ElementsAre("openai/gpt-4o-mini"));
  EXPECT_EQ(asked.refusal("empty").code, "model_not_found");
  EXPECT_EQ(asked.select("open-ended").decision.plan.order.front().model.text, "anthropic/claude-sonnet");
  EXPECT_GT(asked.order("open-ended").size(), 3U);
}

TEST(Select, AnAliasMayShadowTheModelItLeadsTo) {
  Asked asked(catalogue_of({remote("openai/gpt-4o"), remote("azure/gpt-4o")},
                           {{"openai/gpt-4o", {"azure/gpt-4o", "openai/gpt-4o"}}}));
  EXPECT_THAT(asked.order("openai/gpt-4o"), ElementsAre("azure/gpt-4o", "openai/gpt-4o"));
}

TEST(Select, AnAliasCalledAutoReplacesTheScores) {
  Asked asked(catalogue_of({remote("openai/gpt-4o"), remote("azure/gpt-4o")}, {{"auto", {"openai/gpt-4o"}}}));
  EXPECT_THAT(asked.order("auto"), ElementsAre("openai/gpt-4o"));
}

TEST(Select, FiltersByTaskCapabilityAndContext) {
  Asked asked(usual());
  asked.shape.task = TaskKind::kEmbedding;
  EXPECT_THAT(asked.order("auto"), ElementsAre("openai/text-embedding-3-small"));
  EXPECT_EQ(asked.refusal("openai/gpt-4o").code, "unsupported_by_model");
  asked.shape = Shape{.has_images = true, .text_bytes = 400};
  EXPECT_THAT(asked.order("any"), ElementsAre("openai/gpt-4o", "anthropic/claude-sonnet"));
  const Error blind = asked.refusal("local/orchestra-demo");
  EXPECT_EQ(blind.fault, Fault::kInvalid);
  EXPECT_THAT(blind.what, HasSubstr("does not support images"));
  asked.shape = Shape{.text_bytes = 4096 * 4 + 4};
  EXPECT_THAT(asked.order("any"), ElementsAre("openai/gpt-4o", "anthropic/claude-sonnet"));
  asked.shape.text_bytes = 4096 * 16;
  EXPECT_EQ(asked.refusal("local/orchestra-demo").code, kContextExceeded);
}

TEST(Select, CountedTokensDecideWhereTheSizeLeavesDoubt) {
  Asked asked(usual());
  asked.shape = Shape{.text_bytes = 4096 * 6};
  EXPECT_THAT(asked.order("local/orchestra-demo"), ElementsAre("local/orchestra-demo")) << "the estimate may be wrong";
  asked.counted = CountedPrompt{.tokens = Tokens(4097), .exact = true};
  EXPECT_THAT(asked.refusal("local/orchestra-demo").what, HasSubstr("the request holds 4097."));
  EXPECT_EQ(asked.refusal("local/orchestra-demo").code, kContextExceeded);
  asked.counted->exact = false;
  EXPECT_THAT(asked.order("local/orchestra-demo"), ElementsAre("local/orchestra-demo")) << "its own count may be less";
  asked.counted = CountedPrompt{.tokens = Tokens(4096 * 2), .exact = false};
  EXPECT_THAT(asked.refusal("local/orchestra-demo").what, HasSubstr("the request holds about 8192."));
  asked.counted = CountedPrompt{.tokens = Tokens(4096), .exact = true};
  EXPECT_THAT(asked.order("any"), testing::Contains("local/orchestra-demo")) << "the estimate would have left it out";
  EXPECT_EQ(asked.select("any").decision.features.input, Tokens(4096));
}

TEST(Select, ANamedRemoteModelIsNotRefusedOnHearsay) {
  Asked asked(catalogue_of({remote("vllm/plain", kCanChat, 4000)}));
  asked.shape = Shape{.has_tools = true, .text_bytes = 5000 * 4};
  EXPECT_THAT(asked.order("vllm/plain"), ElementsAre("vllm/plain"));
  EXPECT_EQ(asked.refusal("auto").fault, Fault::kInvalid);
}

TEST(Select, AModelOfWhichNothingIsKnownPassesTheFilters) {
  Asked asked(catalogue_of({remote("vllm/unknown", 0)}));
  asked.shape.has_tools = true;
  EXPECT_THAT(asked.order("auto"), ElementsAre("vllm/unknown"));
}

TEST(Select, OpenBreakersAreLeftOutAndSayWhenTheyAreTriedAgain) {
  Asked asked(usual());
  asked.health_of("openai/gpt-4o") = {.breaker = BreakerState::kOpen, .admits = false, .opens_in = Seconds(42)};
  EXPECT_THAT(asked.order("smart"), ElementsAre("anthropic/claude-sonnet"));
  const Error error = asked.refusal("openai/gpt-4o");
  EXPECT_EQ(error.fault, Fault::kUnavailable);
  EXPECT_EQ(error.retry_after, Seconds(42));
  EXPECT_THAT(error.what, HasSubstr("42 s"));
}

TEST(Select, ACoolingModelIsTriedLastButIsTried) {
  Asked asked(usual());
  asked.health_of("openai/gpt-4o").cooling = Seconds(20);
  EXPECT_THAT(asked.order("smart"), ElementsAre("anthropic/claude-sonnet", "openai/gpt-4o"));
  EXPECT_THAT(asked.order("openai/gpt-4o"), ElementsAre("openai/gpt-4o"));
}

TEST(Select, AWorkerThatIsDownIsLeftOutOfChains) {
  Asked asked(usual());
  asked.fleet.workers = {
      {.model = ModelId{"local/orchestra-demo"}, .state = WorkerState::kQuarantined, .error = "It crashed."}};
  EXPECT_THAT(asked.order("any"), ElementsAre("openai/gpt-4o", "anthropic/claude-sonnet"));
  EXPECT_THAT(asked.order("local/orchestra-demo"), ElementsAre("local/orchestra-demo"));  // asked for by name
}

TEST(Select, AutoTakesTheToyModelOnlyWhenNothingElseFits) {
  Asked asked(usual());
  asked.options.max_candidates = 100;
  const auto order = asked.order("auto");
  EXPECT_EQ(order.back(), "local/orchestra-demo");
  EXPECT_EQ(order.front(), "openai/gpt-4o-mini");  // the cheapest of its size
  for (auto& health : asked.health) health = {.breaker = BreakerState::kOpen, .admits = false};
  asked.health_of("local/orchestra-demo") = {};
  EXPECT_THAT(asked.order("auto"), ElementsAre("local/orchestra-demo"));
}

TEST(Select, AutoWeighsQualitySuccessAndReadiness) {
  Model claimed = remote("openai/gpt-4o");
  claimed.card = std::make_shared<ModelCard>(ModelCard{.claimed = {.quality = 0.92}});
  Asked asked(catalogue_of({claimed, local("local/big", 8'000'000'000), local("local/small", 3'000'000'000)}));
  asked.fleet.workers = {{.model = ModelId{"local/big"}, .state = WorkerState::kReady},
                         {.model = ModelId{"local/small"}, .state = WorkerState::kReady}};
  EXPECT_THAT(asked.order("auto"), ElementsAre("openai/gpt-4o", "local/big", "local/small"));
  asked.health_of("openai/gpt-4o").success_permille = 500;
  EXPECT_THAT(asked.order("auto"), ElementsAre("local/big", "local/small", "openai/gpt-4o"));
  asked.fleet.workers[0] = {.model = ModelId{"local/big"}, .state = WorkerState::kCold, .expected_load = Seconds(60)};
  EXPECT_EQ(asked.order("auto").front(), "local/small");
}

TEST(Select, AutoGivesSimpleQueriesToWhatIsFreeAndHardOnesToTheBest) {
  Model claimed = remote("openai/gpt-4o");
  claimed.card = std::make_shared<ModelCard>(ModelCard{.claimed = {.quality = 0.92}});
  Asked asked(catalogue_of({claimed, local("local/big", 8'000'000'000)}));
  asked.fleet.workers = {{.model = ModelId{"local/big"}, .state = WorkerState::kReady}};
  asked.demand.query = Classification{.type = QueryType::kSimple, .confidence = 1, .complexity_confidence = 1};
  EXPECT_EQ(asked.order("auto").front(), "local/big");
  asked.demand.query = Classification{
      .type = QueryType::kResearch, .confidence = 1, .complexity = Complexity::kExpert, .complexity_confidence = 1};
  EXPECT_EQ(asked.order("auto").front(), "openai/gpt-4o");
}

TEST(Select, AnAutoPlanIsShortAndSaysWhoStoodOutside) {
  std::vector<Model> models;
  for (int i = 0; i < 20; ++i) models.push_back(remote(fmt::format("p/m{:02}", i)));
  Asked asked(catalogue_of(models));
  const auto decision = asked.select("auto").decision;
  EXPECT_EQ(decision.plan.order.size(), 5U);
  EXPECT_EQ(decision.considered.size(), 20U);
  EXPECT_EQ(decision.considered[0].verdict, "chosen");
  EXPECT_EQ(decision.considered[4].verdict, "fallback");
  EXPECT_EQ(decision.considered[5].verdict, "rank");
  EXPECT_EQ(decision.plan.max_attempts, 5);
}

TEST(Select, EveryConsideredModelHasAVerdictAndASentence) {
  Asked asked(usual());
  asked.shape.has_images = true;
  const auto decision = asked.select("auto").decision;
  EXPECT_EQ(decision.considered.size(), asked.catalogue.models.size());
  for (const auto& considered : decision.considered) {
    EXPECT_FALSE(considered.verdict.empty()) << considered.model.text;
    EXPECT_TRUE(considered.reason.ends_with('.')) << considered.reason;
  }
}

TEST(Select, RelaysOnlyTheCallersDialect) {
  Catalogue catalogue = usual();
  catalogue.models[catalogue.by_id["anthropic/claude-sonnet"]].dialect = Dialect::kAnthropic;
  Asked asked(std::move(catalogue));
  const auto order = asked.select("smart").decision.plan.order;
  EXPECT_EQ(order[0].form, Form::kRelay);
  EXPECT_EQ(order[1].form, Form::kEvents);
}

TEST(Select, ReservesTheMostItMayCost) {
  Asked asked(usual());
  asked.shape.text_bytes = 4000;  // 1000 tokens at 2.5 dollars and 4096 at 10 dollars a million
  auto candidate = asked.select("openai/gpt-4o").decision.plan.order[0];
  EXPECT_EQ(candidate.reserve, MicroUsd(2500 + 40'960));
  EXPECT_TRUE(candidate.price_known);
  asked.shape.max_tokens = 100;
  EXPECT_EQ(asked.select("openai/gpt-4o").decision.plan.order[0].reserve, MicroUsd(2500 + 1000));
  asked.catalogue.models[asked.catalogue.by_id["openai/gpt-4o"]].price = {};
  EXPECT_FALSE(asked.select("openai/gpt-4o").decision.plan.order[0].price_known);
  asked.options.require_known_price = true;
  EXPECT_EQ(asked.select("smart").decision.considered.back().verdict, "price");
}

TEST(Select, ExpectsTheLoadOfAColdModel) {
  Asked asked(usual());
  const auto expected = [&] { return asked.select("local/llama3:latest").decision.plan.order[0].expected; };
  EXPECT_EQ(expected(), Millis(300) + Seconds(1) + Seconds(5));  // 1.5 GB at 300 MB/s
  asked.fleet.workers = {
      {.model = ModelId{"local/llama3:latest"}, .state = WorkerState::kCold, .expected_load = Seconds(9)}};
  EXPECT_EQ(expected(), Millis(300) + Seconds(9));
  asked.fleet.workers[0].state = WorkerState::kReady;
  EXPECT_EQ(expected(), Millis(300));
  EXPECT_EQ(asked.select("local/llama3:latest").decision.plan.order[0].load, Micros(0));
  EXPECT_EQ(asked.select("openai/gpt-4o").decision.plan.order[0].load, Micros(0));
}

std::string printed(const Selection& selection) {
  const Decision& decision = selection.decision;
  std::string text = fmt::format("{} {} {}\n", decision.asked, decision.rule, decision.catalogue_version);
  for (const auto& c : decision.considered)
    text += fmt::format("{} {} {} {}\n", c.model.text, c.verdict, c.reason, c.contender ? c.contender->score : 0.0F);
  for (const auto& c : decision.plan.order)
    text += fmt::format("{} {} {}\n", c.model.text, c.reserve.count, c.expected.count());
  return text;
}

TEST(Select, PutsTheTimeLimitsOfProvidersAndTheKindOfAnswerIntoThePlan) {
  Asked asked(usual());
  asked.options.provider_timeouts["anthropic"] = {.total = std::chrono::minutes(30)};
  asked.shape.stream = false;
  const Plan plan = asked.select("smart").decision.plan;
  EXPECT_FALSE(plan.order[0].timeouts);
  ASSERT_TRUE(plan.order[1].timeouts);
  EXPECT_EQ(timeouts_of(plan, plan.order[1]).total, std::chrono::minutes(30));
  EXPECT_EQ(plan.timeouts.total, std::chrono::minutes(30)) << "the walk may take as long as its slowest candidate";
  EXPECT_EQ(plan.timeouts.first_content, Seconds(60));
  EXPECT_FALSE(plan.stream);
  asked.shape.stream = true;
  EXPECT_TRUE(asked.select("smart").decision.plan.stream);
}

TEST(Select, TheSameSnapshotGivesTheSameDecision) {
  Asked asked(usual());
  asked.health_of("openai/gpt-4o").success_permille = 870;
  for (const auto* name : {"auto", "any", "smart", "openai/gpt-4o", "no-such-model", "gpt-4o"}) {
    Asked replay(asked.catalogue);
    replay.health = asked.health;
    EXPECT_EQ(printed(asked.select(name)), printed(replay.select(name)));
  }
}

}  // namespace
}  // namespace orchestra
