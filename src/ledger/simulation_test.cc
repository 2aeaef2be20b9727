#include "ledger/simulation.h"

#include <gmock/gmock.h>

#include "ledger/decision_json.h"

namespace orchestra {
namespace {

using testing::HasSubstr;

constexpr WallTime kStart{std::chrono::seconds(1'767'348'000)};  // 2026-01-02T10:00:00Z

Considered ranked(std::string model, std::string verdict, float quality, float usd, std::uint32_t index) {
  Contender contender{.model = index, .terms = {quality, 0.9F, 0.5F, usd > 0.001F ? 0.2F : 0.9F, 1}};
  contender.expected_usd = usd;
  return {.model = {std::move(model)}, .verdict = std::move(verdict), .reason = "", .contender = contender};
}

// A dear model was chosen before a cheap one, for the best quality.
Decision decided(std::string rule = "auto") {
  Decision decision{.asked = "auto", .rule = std::move(rule), .features = {.strategy = "accuracy"}};
  decision.considered = {ranked("dear/large", "chosen", 0.9F, 0.01F, 1),
                         ranked("cheap/mini", "fallback", 0.7F, 0.0001F, 0)};
  decision.verdicts = {{"chosen", 1}, {"fallback", 1}};
  return decision;
}

StoredRequest stored(const Decision& decision, int second = 0) {
  StoredRequest request;
  request.opened.at = kStart + Seconds(second);
  request.settled.model = {"dear/large"};
  request.settled.cost = MicroUsd(12'000);
  request.settled.cost_known = true;
  request.settled.latency = std::chrono::seconds(4);
  request.decision = decision_to_json(decision);
  return request;
}

json::value result(const Simulation& simulation) {
  auto parsed = parse_json(simulation.json(false));
  EXPECT_TRUE(parsed);
  return parsed ? std::move(*parsed) : json::value();
}

TEST(Simulation, SumsWhatChanges) {
  Simulation simulation({.usual = {.strategy = "cost"}});
  for (int i = 0; i < 3; ++i) simulation.add(stored(decided(), i));
  const json::value sums = result(simulation);
  EXPECT_EQ(find_int(sums, "requests"), 3);
  EXPECT_EQ(find_int(sums, "changed"), 3);
  EXPECT_EQ(find_string(sums, "first_at"), "2026-01-02T10:00:00.000Z");
  EXPECT_EQ(find_string(sums, "last_at"), "2026-01-02T10:00:02.000Z");
  const json::value& change = sums.at("changes").at(0);
  EXPECT_EQ(find_string(change, "from"), "dear/large");
  EXPECT_EQ(find_string(change, "to"), "cheap/mini");
  EXPECT_EQ(find_int(change, "decisions"), 3);
  const json::value& predicted = sums.at("predicted");
  EXPECT_DOUBLE_EQ(*find_number(predicted.at("stored"), "cost_usd"), 0.03);
  EXPECT_DOUBLE_EQ(*find_number(predicted.at("simulated"), "cost_usd"), 0.0003);
  EXPECT_DOUBLE_EQ(*find_number(predicted.at("stored"), "latency_s"), 2);
  EXPECT_DOUBLE_EQ(*find_number(predicted.at("stored"), "quality"), 0.9);
  EXPECT_DOUBLE_EQ(*find_number(predicted.at("simulated"), "quality"), 0.7);
}

TEST(Simulation, ShowsHowGoodThePredictionsWere) {
  Simulation simulation({.usual = {.strategy = "accuracy"}});
  simulation.add(stored(decided()));
  StoredRequest failed = stored(decided());
  failed.settled.outcome = Outcome::kFailed;
  simulation.add(failed);
  StoredRequest other = stored(decided());
  other.settled.model = {"cheap/mini"};  // the chosen one failed, and this one stood in for it
  simulation.add(other);
  const json::value sums = result(simulation);
  EXPECT_EQ(find_int(sums, "changed"), 0);
  const json::value& measured = sums.at("measured");
  EXPECT_EQ(find_int(measured, "answers"), 1);
  EXPECT_DOUBLE_EQ(*find_number(measured, "cost_usd"), 0.012);
  EXPECT_DOUBLE_EQ(*find_number(measured, "predicted_cost_usd"), 0.01);
  EXPECT_DOUBLE_EQ(*find_number(measured, "latency_s"), 4);
  EXPECT_NEAR(*find_number(measured, "success"), 1.0 / 3, 1e-6);
  EXPECT_NEAR(*find_number(measured, "predicted_success"), 0.9, 1e-6);
}

TEST(Simulation, SaysWhatItLeavesOut) {
  Simulation simulation({.deny = {"dear", "cheap"}});
  simulation.add(stored(decided()));
  simulation.add(stored(decided("explicit")));
  StoredRequest none = stored(decided());
  none.decision.clear();
  simulation.add(none);
  none.decision = "{}";
  simulation.add(none);
  const json::value sums = result(simulation);
  EXPECT_EQ(find_int(sums, "replayed"), 2);
  EXPECT_EQ(find_int(sums, "refused"), 2);
  EXPECT_EQ(find_int(sums, "named"), 1);
  EXPECT_EQ(find_int(sums.at("skipped"), "undecided"), 1);
  EXPECT_EQ(find_int(sums.at("skipped"), "unranked"), 1);
  EXPECT_TRUE(sums.at("changes").at(0).at("to").is_null());
  EXPECT_TRUE(sums.at("predicted").at("stored").at("cost_usd").is_null());
  EXPECT_THAT(simulation.json(false), HasSubstr("1 of 2 decisions are the caller's own"));
}

TEST(Simulation, IsBoundedAndRepeatable) {
  const auto run = [] {
    Simulation simulation({.usual = {.strategy = "cost"}});
    for (int i = 0; i < 6000; ++i) {
      Decision decision = decided();
      decision.considered.front().model.text = "dear/m" + std::to_string(i);
      simulation.add(stored(decision, i));
    }
    return simulation.json(true);
  };
  const std::string text = run();
  EXPECT_EQ(text, run());
  const auto parsed = parse_json(text);
  EXPECT_EQ(parsed->at("changes").as_array().size(), Simulation::kMostChanges);
  EXPECT_EQ(find_int(*parsed, "other_changes"), 6000 - static_cast<std::int64_t>(Simulation::kMostChanges));
  EXPECT_EQ(find_bool(*parsed, "limited"), true);
}

TEST(Simulation, NothingIsNothing) {
  const json::value sums = result(Simulation({.local_only = true}));
  EXPECT_EQ(find_int(sums, "requests"), 0);
  EXPECT_TRUE(sums.at("first_at").is_null());
  EXPECT_TRUE(sums.at("notes").as_array().empty());
}

}  // namespace
}  // namespace orchestra
