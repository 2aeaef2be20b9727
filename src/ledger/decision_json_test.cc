#include "ledger/decision_json.h"

namespace orchestra {
namespace {

Decision full_decision() {
  Decision decision{
      .asked = "fa\"st\n\xF0\x9F\x98\x80", .rule = "alias fast", .catalogue_version = 9'007'199'254'740'991};
  decision.considered = {{{"openai/gpt-4o"},
                          "chosen",
                          "It is healthy.",
                          Contender{.model = 7,
                                    .draw = 4'000'000'000U,
                                    .position = 2,
                                    .terms = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F},
                                    .samples = 1.7F,
                                    .expected_usd = 0.00123F,
                                    .busy = 0.25F,
                                    .context = 128'000,
                                    .score = 0.1F / 3,
                                    .cooling = true,
                                    .in_session = true,
                                    .loading = true}},
                         {{"local/tiny"}, "context", "Its window is 2,048 tokens.", std::nullopt}};
  decision.features = {.strategy = "adaptive",
                       .weights = Weights{0.1, 0.2, 0.3, 0.4},
                       .query = Classification{.type = QueryType::kResearch,
                                               .confidence = 0.95,
                                               .probabilities = {0.1F, 0.2F, 0.3F, 0.4F},
                                               .complexity = Complexity::kExpert,
                                               .complexity_confidence = 0.7,
                                               .cheap_suffices = 0.85},
                       .input = Tokens(120),
                       .output = Tokens(800),
                       .seed = 0xfedcba9876543210ULL,
                       .turn = 3,
                       .exploration_usd = 0.02F};
  decision.verdicts = {{"chosen", 1}, {"context", 12'345}};
  decision.fallback_used = true;
  decision.loading = ModelId{"local/tiny"};
  decision.plan.order = {{.model = {"openai/gpt-4o"},
                          .form = Form::kRelay,
                          .reserve = MicroUsd(900),
                          .price_known = true,
                          .expected = Micros(420'000),
                          .context = Tokens(128'000)},
                         {.model = {"anthropic/claude"},
                          .form = Form::kEvents,
                          .timeouts = Timeouts{Micros(5), Micros(6), Micros(7), Micros(8)}}};
  decision.plan.hedge_after = Micros(77);
  decision.plan.max_attempts = 5;
  decision.plan.attempts_per_candidate = 1;
  decision.plan.backoff_base = Micros(3);
  decision.plan.backoff_cap = Micros(4);
  decision.plan.timeouts = {Micros(1), Micros(2), Micros(3), Micros(4)};
  decision.plan.budget = Micros(9);
  decision.plan.stream = false;
  return decision;
}

TEST(DecisionJson, KeepsTheLastBitOfWhatWeights) {
  auto decision = full_decision();
  for (int i = 1; i < 2000; ++i) {
    decision.features.weights = Weights{i / 1000.0, i / 100000.0, 3.0 * i, 0.3};
    decision.features.exploration_usd = static_cast<float>(9.0825000370387e-06 * i);
    const auto text = decision_to_json(decision);
    const auto back = decision_from_json(text);
    ASSERT_TRUE(back.has_value());
    ASSERT_EQ(decision_to_json(*back), text);
    ASSERT_EQ(back->features.exploration_usd, decision.features.exploration_usd);
  }
}

TEST(DecisionJson, GoesThereAndBack) {
  const auto decision = full_decision();
  const auto text = decision_to_json(decision);
  const auto back = decision_from_json(text);
  ASSERT_TRUE(back.has_value()) << back.error().what;
  EXPECT_EQ(back->asked, decision.asked);
  EXPECT_EQ(back->rule, decision.rule);
  EXPECT_EQ(back->catalogue_version, decision.catalogue_version);
  ASSERT_EQ(back->considered.size(), 2U);
  EXPECT_EQ(back->considered[1].model, decision.considered[1].model);
  EXPECT_EQ(back->considered[1].verdict, "context");
  EXPECT_EQ(back->considered[1].reason, decision.considered[1].reason);
  EXPECT_EQ(back->considered[0].contender, decision.considered[0].contender) << "to the last bit";
  EXPECT_FALSE(back->considered[1].contender);
  EXPECT_EQ(back->features, decision.features);
  EXPECT_EQ(back->verdicts, decision.verdicts);
  EXPECT_TRUE(back->fallback_used);
  EXPECT_EQ(back->loading, decision.loading);
  EXPECT_EQ(back->plan.budget, decision.plan.budget);
  ASSERT_EQ(back->plan.order.size(), 2U);
  EXPECT_EQ(back->plan.order[0].reserve, MicroUsd(900));
  EXPECT_TRUE(back->plan.order[0].price_known);
  EXPECT_EQ(back->plan.order[0].expected, Micros(420'000));
  EXPECT_EQ(back->plan.order[0].context, Tokens(128'000));
  EXPECT_FALSE(back->plan.order[1].price_known);
  EXPECT_EQ(back->plan.order[1].form, Form::kEvents);
  EXPECT_EQ(back->plan.order[1].context, std::nullopt);
  EXPECT_EQ(back->plan.timeouts.total, Micros(4));
  EXPECT_FALSE(back->plan.order[0].timeouts);
  EXPECT_EQ(back->plan.order[1].timeouts, decision.plan.order[1].timeouts);
  EXPECT_FALSE(back->plan.stream);
  EXPECT_EQ(decision_to_json(*back), text) << "every member survives";
}

TEST(DecisionJson, ReadsWhatAnEarlierVersionWrote) {
  const auto back = decision_from_json(
      R"({"asked":"x","rule":"auto","catalogue_version":1,"considered":[{"model":"a/b","verdict":"chosen","reason":"r.",
          "score":1.5}],"plan":{"order":[],"hedge_after_us":0,"max_attempts":3,"attempts_per_candidate":2,
          "backoff_base_us":1,"backoff_cap_us":2,"timeouts":{"connect_us":1,"first_content_us":1,"idle_us":1,
          "total_us":1}}})");
  ASSERT_TRUE(back) << back.error().what;
  EXPECT_EQ(back->considered.front().verdict, "chosen");
  EXPECT_TRUE(back->features.strategy.empty());
}

TEST(DecisionJson, NamesWhatIsMissing) {
  auto text = decision_to_json(full_decision());
  text.replace(text.find("\"max_attempts\":5"), 16, "\"max_attempts\":\"five\"");
  const auto back = decision_from_json(text);
  ASSERT_FALSE(back.has_value());
  EXPECT_NE(back.error().what.find("max_attempts"), std::string::npos);
  EXPECT_FALSE(decision_from_json("").has_value());
  EXPECT_FALSE(decision_from_json("[]").has_value());
  EXPECT_FALSE(decision_from_json(R"({"asked":"x","rule":"y","catalogue_version":1,"considered":[],"plan":7})"));
}

}  // namespace
}  // namespace orchestra
