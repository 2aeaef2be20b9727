// What a request demands of the choice, what the registry says of models, and what a decision keeps of many.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/names.h"
#include "policy/test_select.h"

namespace orchestra {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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
  Model without_price = remote("vllm/unknown");
  without_price.price = {};
  Asked unpriced(catalogue_of({without_price}));
  EXPECT_EQ(unpriced.order("auto").size(), 1U);
  unpriced.demand = {.cost_limit = MicroUsd(1'000'000)};
  EXPECT_THAT(unpriced.refusal("auto").what, HasSubstr("The price of vllm/unknown is not known"));
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

TEST(Select, ADeadlineCountsTheWholeAnswerWhereItsSpeedIsKnown) {
  Asked asked(catalogue_of({remote("openai/gpt-4o"), remote("openai/gpt-4o-mini"), remote("vllm/unknown")}));
  const auto claims = [&](const char* id, double speed) {
    Model& model = asked.catalogue.models[asked.catalogue.by_id.at(id)];
    model.card =
        std::make_shared<ModelCard>(ModelCard{.claimed = {.first_content = Millis(500), .tokens_per_second = speed}});
  };
  claims("openai/gpt-4o", 60);        // 300 tokens in 5.5 s
  claims("openai/gpt-4o-mini", 150);  // and in 2.5 s
  asked.demand = {.deadline = Seconds(4)};
  EXPECT_THAT(asked.order("auto"), testing::UnorderedElementsAre("openai/gpt-4o-mini", "vllm/unknown"));
  asked.demand.deadline = Seconds(2);
  EXPECT_THAT(asked.order("auto"), ElementsAre("vllm/unknown")) << "nobody knows how fast it answers";
  asked.demand.allow = {"openai"};
  const Error refused = asked.refusal("auto");
  EXPECT_EQ(refused.code, "deadline_exceeded");
  EXPECT_THAT(refused.what, HasSubstr("(provider 1, deadline 2)"));
  EXPECT_THAT(refused.what, HasSubstr("openai/gpt-4o is expected to take 5.5 s for the whole answer; the request "
                                      "allows 2 s."));
  asked.shape.max_tokens = 60;  // in 1.5 s and 0.9 s
  EXPECT_EQ(asked.order("auto").size(), 2U);
  asked.shape.max_tokens.reset();
  asked.demand.deadline_yields = true;
  EXPECT_EQ(asked.order("auto").size(), 2U) << "our own limit refuses nobody where all are slow";
  asked.demand.deadline = Seconds(4);
  EXPECT_THAT(asked.order("auto"), ElementsAre("openai/gpt-4o-mini"));
  EXPECT_EQ(asked.order("openai/gpt-4o").size(), 1U) << "the caller named it";
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

TEST(Select, AChainOfAClassKnowsAliasesAndTellsWhatStandsForNothing) {
  const Catalogue catalogue = usual();
  const auto names = [&](const std::vector<std::string>& chain) {
    const ResolvedChain resolved = resolve_chain(catalogue, chain);
    std::vector<std::string> ids;
    for (const auto model : resolved.models) ids.push_back(catalogue.models[model].id.text);
    return std::pair(ids, resolved.unknown);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({"any", "gpt-9", "gpt-4o-mini", "smart"}),
            std::pair(Names({"openai/gpt-4o", "anthropic/claude-sonnet", "local/orchestra-demo", "openai/gpt-4o-mini"}),
                      Names({"gpt-9"})));
  EXPECT_EQ(names({"open-ended"}), std::pair(Names({"anthropic/claude-sonnet"}), Names()))
      << "all others stand behind the chain anyhow";
  EXPECT_EQ(names({"empty", "loop-a", "zebra*"}), std::pair(Names({"openai/gpt-4o-mini"}), Names({"empty", "zebra*"})));
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
