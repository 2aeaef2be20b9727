#include "ledger/decision_json.h"

namespace orchestra {
namespace {

Decision full_decision() {
  Decision decision{
      .asked = "fa\"st\n\xF0\x9F\x98\x80", .rule = "alias fast", .catalogue_version = 9'007'199'254'740'991};
  decision.considered = {{{"openai/gpt-4o"}, "chosen", "It is healthy.", 1.5},
                         {{"local/tiny"}, "context", "Its window is 2,048 tokens.", -0.1}};
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
  decision.plan.stream = false;
  return decision;
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
  EXPECT_EQ(back->considered[1].score, -0.1);
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
