#include "policy/select.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/names.h"
#include "policy/race.h"

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Capabilities kEverything =
    kCanChat | kCanComplete | kCanUseTools | kCanSeeImages | kCanJsonSchema | kCanStream;

Model remote(std::string id, Capabilities capabilities = kEverything, std::int64_t context = 128'000,
             std::int64_t output_price = 10'000'000) {
  Model model{.id = ModelId{std::move(id)}, .capabilities = capabilities, .context = Tokens(context)};
  model.price.input = MicroUsd(output_price / 4);
  model.price.output = MicroUsd(output_price);
  return model;
}

Model local(std::string id, std::int64_t parameters, Capabilities capabilities = kCanChat | kCanStream) {
  Model model{.id = ModelId{std::move(id)}, .capabilities = capabilities, .context = Tokens(4096), .local = true};
  model.facts = LocalFacts{.parameters = parameters, .file_size = Bytes(parameters / 2)};
  model.price.input = model.price.output = MicroUsd(0);
  return model;
}

Catalogue catalogue_of(std::vector<Model> models, std::vector<Alias> aliases = {}) {
  Catalogue catalogue{.version = 3, .models = std::move(models), .aliases = std::move(aliases)};
  std::ranges::sort(catalogue.models, {}, &Model::id);
  for (std::size_t i = 0; i < catalogue.models.size(); ++i) {
    const ModelId& id = catalogue.models[i].id;
    catalogue.by_id[id.text] = i;
    catalogue.by_bare_name[std::string(id.name())].push_back(i);
  }
  return catalogue;
}

Catalogue usual() {
  return catalogue_of(
      {remote("openai/gpt-4o"), remote("openai/gpt-4o-mini", kEverything, 128'000, 600'000),
       remote("anthropic/claude-sonnet"), remote("azure/gpt-4o"), local("local/orchestra-demo", 4'000'000),
       remote("openai/text-embedding-3-small", kCanEmbed, 8192), local("local/llama3:latest", 3'000'000'000)},
      {{"smart", {"openai/gpt-4o", "anthropic/claude-sonnet"}},
       {"any", {"smart", "local/orchestra-demo", "smart"}},
       {"loop-a", {"loop-b"}},
       {"loop-b", {"loop-a", "openai/gpt-4o-mini"}},
       {"stale", {"openai/retired", "openai/gpt-4o-mini"}},
       {"empty", {"openai/retired"}},
       {"open-ended", {"anthropic/claude-sonnet", "auto"}}});
}

// A selection and the things that tests look at.
struct Asked {
  explicit Asked(Catalogue c) : catalogue(std::move(c)), health(catalogue.models.size()) {}
  Selection select(std::string_view name) {
    const FactSheet facts = make_fact_sheet(catalogue, &fleet);
    return orchestra::select({.catalogue = catalogue,
                              .facts = facts,
                              .health = health,
                              .measured = measured,
                              .asked = name,
                              .shape = shape,
                              .demand = demand,
                              .dialect = dialect,
                              .options = options,
                              .chain = chain,
                              .seed = seed,
                              .turn = turn,
                              .session_model = session_model});
  }
  std::vector<std::string> order(std::string_view name) {
    std::vector<std::string> ids;
    for (const auto& candidate : select(name).decision.plan.order) ids.push_back(candidate.model.text);
    return ids;
  }
  Error refusal(std::string_view name) {
    auto selection = select(name);
    EXPECT_TRUE(selection.refused.has_value());
    return selection.refused.value_or(Error{});
  }
  ModelHealth& health_of(const std::string& id) { return health[catalogue.by_id.at(id)]; }

  Catalogue catalogue;
  std::vector<ModelHealth> health;
  FleetView fleet;
  std::vector<Measured> measured;
  std::vector<std::size_t> chain;
  Demand demand;
  std::uint64_t seed = 1, turn = 0;
  std::string session_model;
  Shape shape{.text_bytes = 400};
  Dialect dialect = Dialect::kOpenAi;
  SelectOptions options;
};

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

TEST(Select, FiltersByTheDemandAndNamesTheFilterThatEmptiedTheSet) {
  Asked asked(usual());
  asked.demand.local_only = true;
  EXPECT_THAT(asked.order("auto"), ElementsAre("local/llama3:latest", "local/orchestra-demo"));
  EXPECT_EQ(asked.refusal("openai/gpt-4o").code, "privacy");
  asked.demand = {.allow = {"anthropic", "openai"}, .deny = {"openai"}};
  EXPECT_THAT(asked.order("auto"), ElementsAre("anthropic/claude-sonnet"));
  EXPECT_THAT(asked.refusal("openai/gpt-4o").what, HasSubstr("does not allow openai"));
  asked.demand = {.cost_limit = MicroUsd(0)};
  EXPECT_THAT(asked.order("auto"), ElementsAre("local/llama3:latest", "local/orchestra-demo"));
  EXPECT_EQ(asked.refusal("smart").code, "budget_exceeded");
  asked.demand = {.local_only = true};
  asked.shape.has_images = true;
  const Error nobody = asked.refusal("auto");
  EXPECT_EQ(nobody.fault, Fault::kInvalid);
  EXPECT_EQ(nobody.code, "unsupported_by_model");
  EXPECT_THAT(nobody.what, HasSubstr("(privacy 5, capability 2)"));
}

TEST(Select, ADeadlineCountsTheLoadAndForcedEvictions) {
  Asked asked(usual());
  asked.demand = {.local_only = true, .deadline = Seconds(4)};
  EXPECT_THAT(asked.order("auto"), ElementsAre("local/orchestra-demo"));  // the larger one takes 6 s to load
  asked.fleet.workers = {{.model = ModelId{"local/llama3:latest"}, .state = WorkerState::kReady}};
  EXPECT_EQ(asked.order("auto").front(), "local/llama3:latest");
  asked.fleet.workers = {
      {.model = ModelId{"local/llama3:latest"}, .state = WorkerState::kCold, .expected_load = Seconds(3)}};
  asked.fleet.devices = {{.name = "cpu", .budget = Bytes(8'000), .booked = Bytes(4'000)}};
  asked.catalogue.models[asked.catalogue.by_id.at("local/llama3:latest")].facts->need = Bytes(3'000);
  EXPECT_EQ(asked.order("auto").front(), "local/llama3:latest");
  asked.catalogue.models[asked.catalogue.by_id.at("local/llama3:latest")].facts->need = Bytes(5'000);
  EXPECT_THAT(asked.order("auto"), ElementsAre("local/orchestra-demo")) << "another model would have to go first";
  asked.catalogue.models[asked.catalogue.by_id.at("local/llama3:latest")].facts->need = Bytes(9'000);
  asked.demand.deadline.reset();
  EXPECT_THAT(asked.select("auto").decision.verdicts, testing::Contains(testing::Pair("memory", 1)));
}

TEST(Select, TheRegistryMaySwitchAModelOffOrKnowOneThatIsNotOffered) {
  Catalogue catalogue = usual();
  Model& off = catalogue.models[catalogue.by_id.at("openai/gpt-4o")];
  off.card = std::make_shared<ModelCard>(ModelCard{.active = false});
  catalogue.models[catalogue.by_id.at("anthropic/claude-sonnet")].offered = false;
  Asked asked(std::move(catalogue));
  EXPECT_THAT(asked.refusal("openai/gpt-4o").what, HasSubstr("switched off"));
  EXPECT_THAT(asked.refusal("anthropic/claude-sonnet").what, HasSubstr("anthropic is not set up here"));
}

TEST(Select, AWantedSkillIsDroppedWhenNobodyHasIt) {
  Catalogue catalogue = usual();
  for (Model& model : catalogue.models) {
    const Skills skills =
        model.id.text == "openai/gpt-4o" ? kSkilledInCode | kSkilledInReasoning : kSkilledInCompletion;
    model.card = std::make_shared<ModelCard>(ModelCard{.skills = skills});
  }
  Asked asked(std::move(catalogue));
  asked.demand.skills = kSkilledInCode;
  EXPECT_THAT(asked.order("auto"), ElementsAre("openai/gpt-4o"));
  EXPECT_FALSE(asked.select("auto").decision.fallback_used);
  asked.demand.skills = kSkilledInTranslation;
  EXPECT_GT(asked.order("auto").size(), 3U);
  EXPECT_TRUE(asked.select("auto").decision.fallback_used);
}

TEST(Select, AModelOfWhichNothingIsKnownIsMarkedAsAFallback) {
  Asked asked(catalogue_of({remote("vllm/unknown", 0)}));
  EXPECT_TRUE(asked.select("auto").decision.fallback_used);
  EXPECT_FALSE(asked.select("vllm/unknown").decision.fallback_used) << "the caller named it";
  Asked both(catalogue_of({remote("vllm/unknown", 0), remote("openai/gpt-4o")}));
  EXPECT_EQ(both.order("auto").front(), "openai/gpt-4o") << "it has a low prior";
}

TEST(Select, TheChainOfTheClassGoesBeforeTheScores) {
  Asked asked(usual());
  asked.chain = {asked.catalogue.by_id.at("openai/gpt-4o-mini"), asked.catalogue.by_id.at("anthropic/claude-sonnet")};
  const auto order = asked.order("auto");
  EXPECT_EQ(order[0], "openai/gpt-4o-mini");
  EXPECT_EQ(order[1], "anthropic/claude-sonnet");
  EXPECT_GT(order.size(), 4U) << "all others by score behind it";
  asked.health_of("openai/gpt-4o-mini").admits = false;
  EXPECT_EQ(asked.order("auto").front(), "anthropic/claude-sonnet");
  asked.demand.strategy = "accuracy";
  EXPECT_EQ(asked.select("auto").decision.considered.front().contender->position, -1)
      << "a strategy that was asked for decides itself";
}

TEST(Select, AnUnknownStrategyAndBadWeightsAreRefused) {
  Asked asked(usual());
  asked.demand.strategy = "best";
  EXPECT_EQ(asked.refusal("auto").code, "unknown_strategy");
  asked.demand = {.strategy = "multi_objective", .weights = Weights{.quality = -1}};
  EXPECT_EQ(asked.refusal("auto").code, "invalid_weights");
}

TEST(Select, OfManyModelsADecisionKeepsTheBestAndCountsTheRest) {
  std::vector<Model> models;
  for (int i = 0; i < 2000; ++i) {
    models.push_back(remote(fmt::format("p/m{:04}", i), i % 2 == 0 ? kEverything : kCanEmbed));
  }
  Asked asked(catalogue_of(models));
  for (const char* strategy : {"auto", "adaptive", "weighted_round_robin"}) {
    asked.demand.strategy = strategy;
    const Decision decision = asked.select("auto").decision;
    EXPECT_EQ(decision.considered.size(), 2 * kShortlist) << strategy;
    EXPECT_THAT(decision.verdicts, ElementsAre(testing::Pair("chosen", 1), testing::Pair("fallback", 4),
                                               testing::Pair("rank", 995), testing::Pair("task", 1000)));
  }
}

}  // namespace
}  // namespace orchestra
