#include "policy/replay.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "policy/select.h"
#include "policy/strategies/list.h"

namespace orchestra {
namespace {

// A random catalogue, demand and state of the world: as varied as traffic may be.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    const int models = 1 + pick(120);
    for (int i = 0; i < models; ++i) catalogue_.models.push_back(model(i));
    for (std::size_t i = 0; i < catalogue_.models.size(); ++i) {
      catalogue_.by_id[catalogue_.models[i].id.text] = i;
      health_.push_back({.admits = pick(10) != 0, .success_permille = 500 + pick(501)});
      if (pick(8) == 0) health_.back().cooling = Seconds(pick(60));
      measured_.push_back(pick(3) == 0 ? Measured{}
                                       : Measured{.quality = share(),
                                                  .success = share(),
                                                  .first_content = 3 * share(),
                                                  .tokens_per_second = 1 + 100 * share(),
                                                  .samples = 300 * share()});
    }
    catalogue_.aliases = {{"some", {catalogue_.models.front().id.text, catalogue_.models.back().id.text, "auto"}}};
    if (pick(2) == 0) options_.cloud_while_loading = std::chrono::milliseconds(500);
    const auto all = strategies();
    demand_ = {.strategy = std::string(all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))]->name),
               .local_only = pick(6) == 0,
               .session = pick(2) == 0 ? random_() : 0};
    if (pick(2) == 0) demand_.weights = Weights{share(), share(), share(), 0.1};
    if (pick(2) == 0) {
      demand_.query = Classification{.type = static_cast<QueryType>(pick(4)),
                                     .confidence = share(),
                                     .complexity = static_cast<Complexity>(pick(4)),
                                     .complexity_confidence = share()};
      if (pick(2) == 0) demand_.query->cheap_suffices = share();
    }
  }

  Decision decide() {
    const FactSheet facts = make_fact_sheet(catalogue_, nullptr);
    const Shape shape{.text_bytes = static_cast<std::size_t>(pick(20'000))};
    return select({.catalogue = catalogue_,
                   .facts = facts,
                   .health = health_,
                   .measured = measured_,
                   .asked = pick(4) == 0 ? "some" : "auto",
                   .shape = shape,
                   .demand = demand_,
                   .options = options_,
                   .seed = random_(),
                   .turn = random_(),
                   .exploration_usd = static_cast<double>(share()) * 0.01,
                   .session_model = draw_key(
                       catalogue_.models[static_cast<std::size_t>(pick(3)) % catalogue_.models.size()].id.text)})
        .decision;
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }
  float share() { return static_cast<float>(random_() >> 40U) * 0x1.0p-24F; }
  Model model(int i) {
    const bool local = pick(3) == 0;
    Model model{.id = ModelId{fmt::format("{}/m{:03}", local ? "local" : "zoo", i)},
                .capabilities = pick(9) == 0 ? kCanEmbed : kCanChat | kCanStream,
                .context = Tokens(1024 << pick(8)),
                .local = local};
    model.price.input = MicroUsd(pick(5'000'000));
    if (pick(9) != 0) model.price.output = MicroUsd(pick(30'000'000));
    return model;
  }

  std::mt19937_64 random_;
  Catalogue catalogue_;
  std::vector<ModelHealth> health_;
  std::vector<Measured> measured_;
  Demand demand_;
  SelectOptions options_;
};

std::vector<ModelId> planned(const Decision& decision) {
  std::vector<ModelId> order;
  for (const Candidate& candidate : decision.plan.order) order.push_back(candidate.model);
  return order;
}

TEST(Replay, EveryDecisionReplaysToItself) {
  int replayed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    World world(seed);
    for (int i = 0; i < 5; ++i) {
      const Decision decision = world.decide();
      if (decision.plan.order.empty()) continue;
      const auto again = replay(decision);
      ASSERT_TRUE(again) << again.error().what;
      ASSERT_EQ(again->order, planned(decision)) << seed << " by " << decision.features.strategy;
      ASSERT_EQ(decision.considered[again->first].model, again->order.front());
      ++replayed;
    }
  }
  EXPECT_GT(replayed, 9000);
}

TEST(Replay, AnotherStrategyMayChooseOtherwise) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Decision decision = World(seed).decide();
    if (decision.plan.order.empty()) continue;
    const auto cheapest = replay(decision, "cost");
    ASSERT_TRUE(cheapest);
    changed += cheapest->order.front() == decision.plan.order.front().model ? 0 : 1;
  }
  EXPECT_GT(changed, 20);
}

TEST(Replay, RefusesWhatCannotBeRanked) {
  EXPECT_FALSE(replay({.features = {.strategy = "auto"}}));
  EXPECT_FALSE(replay({.features = {.strategy = "auto"}}, "no-such-strategy"));
}

}  // namespace
}  // namespace orchestra
