#include "policy/race.h"
#include "policy/wants.h"
#include "world.h"

namespace orchestra::simulation {
namespace {

double seconds(TimePoint from, TimePoint to) noexcept {
  return std::chrono::duration<double>(to - from).count();
}

// The original: data.models?.[0]. One model, one attempt.
class FirstInList final : public Rule {
 public:
  explicit FirstInList(World& world) : world_(world) {}
  void serve(const Request& request, Tally& tally) override {
    const Truth& first = truths().front();
    const TimePoint now = world_.events().now();
    world_.ask({.model = {first.id},
                .input = request.input,
                .output = request.output,
                .first_content_by = now + world_.patience(),
                .end_by = now + world_.patience(),
                .opened = [] {},
                .ended =
                    [this, request, now, &first, &tally](const Result<void>& ended) {
                      if (ended) tally.answered(first, request, seconds(now, world_.events().now()));
                    }});
  }

 private:
  World& world_;
};

// One request under our rules: a decision, then the race over its plan, each attempt through its model's breaker.
class Flight : public std::enable_shared_from_this<Flight> {
 public:
  struct Parts {
    World& world;
    Chooser& chooser;
    RaceBudgets& budgets;
    Random& random;
    Tally& tally;
  };
  Flight(const Parts& parts, const Request& request, Decision decision)
      : parts_(parts),
        request_(request),
        decision_(std::move(decision)),
        began_(parts.world.events().now()),
        race_(decision_.plan, parts.budgets, began_ + parts_.world.patience(), parts.random.bits()) {}

  void run(RaceInput input) {
    for (;;) {
      RaceStep step = race_.step(now(), input);
      if (std::holds_alternative<Commit>(step) || std::holds_alternative<Error>(step)) return;
      if (const auto* wait = std::get_if<WaitUntil>(&step)) {
        parts_.world.events().at(wait->when, [self = shared_from_this()] { self->run(Tick{}); });
        return;
      }
      const Start start = std::get<Start>(step);
      auto pass = HealthPass::enter(parts_.chooser.health(model(start.candidate)), parts_.world.clock());
      if (pass) return ask(start, std::make_shared<HealthPass>(std::move(*pass)));
      Error error{.fault = Fault::kUnavailable, .what = "It is left alone.", .code = std::string(kCircuitOpen)};
      input = Failed{start.attempt, std::move(error)};
    }
  }

 private:
  TimePoint now() const { return parts_.world.events().now(); }
  const ModelId& model(std::size_t candidate) const { return decision_.plan.order[candidate].model; }

  void ask(const Start& start, const std::shared_ptr<HealthPass>& pass) {
    const bool cold = decision_.plan.order[start.candidate].load.count() > 0;
    auto opened_at = std::make_shared<std::optional<TimePoint>>();
    parts_.world.ask({.model = model(start.candidate),
                      .input = request_.input,
                      .output = request_.output,
                      .first_content_by = start.first_content_by,
                      .end_by = began_ + parts_.world.patience(),
                      .opened =
                          [self = shared_from_this(), start, pass, opened_at] {
                            *opened_at = self->now();
                            pass->content();
                            self->run(Opened{start.attempt});
                          },
                      .ended =
                          [self = shared_from_this(), start, pass, opened_at, cold, asked = now()](Result<void> ended) {
                            if (!ended) return self->failed(start, *pass, ended.error(), opened_at->has_value());
                            pass->succeeded();
                            self->succeeded(start, asked, **opened_at, cold);
                          }});
  }

  void failed(const Start& start, HealthPass& pass, const Error& error, bool opened) {
    pass.failed(error);
    if (counts_against(error)) {
      OutcomeFact fact = fact_about(start);
      fact.success = false;
      parts_.chooser.note(fact);
    }
    if (!opened) run(Failed{start.attempt, error});  // what broke off in the middle cannot be asked again
  }

  void succeeded(const Start& start, TimePoint asked, TimePoint opened, bool cold) {
    const Truth& truth = truth_of(model(start.candidate).text);
    parts_.tally.answered(truth, request_, seconds(began_, now()));
    OutcomeFact fact = fact_about(start);
    fact.success = true;
    if (!cold) {
      fact.first_content = std::chrono::duration_cast<Micros>(opened - asked);
      fact.duration = std::chrono::duration_cast<Micros>(now() - asked);
      fact.output = Tokens(static_cast<std::int64_t>(request_.output));
    }
    parts_.chooser.note(fact);
    if (!parts_.random.chance(kRated)) return;
    OutcomeFact rated = fact_about(start);
    rated.quality = std::clamp(quality_of(truth, request_.query.type) + parts_.random.between(-0.15, 0.15), 0.0, 1.0);
    parts_.chooser.note(rated);
  }

  OutcomeFact fact_about(const Start& start) const {
    return {.model = model(start.candidate),
            .query_class = static_cast<int>(request_.query.type),
            .stratum = prompt_stratum(Tokens(static_cast<std::int64_t>(request_.input))),
            .when = parts_.world.clock().wall()};
  }

  static constexpr double kRated = 0.1;  // so many answers get feedback

  Parts parts_;
  const Request request_;
  const Decision decision_;
  const TimePoint began_;
  Race race_;
};

class OrchestraRule final : public Rule {
 public:
  OrchestraRule(World& world, Random random, bool with_clouds)
      : world_(world), random_(random), chooser_(catalogue(with_clouds), world.clock(), "auto") {}

  void serve(const Request& request, Tally& tally) override {
    const Shape shape{.stream = true, .text_bytes = static_cast<std::size_t>(request.input * 4)};
    Demand demand;
    demand.query = request.query;
    demand.deadline = world_.patience();
    const FleetView fleet = world_.machine().view();
    Decision decision = chooser_.choose(shape, demand, &fleet, random_.bits());
    budgets_.deposit(world_.events().now());
    if (decision.plan.order.empty()) return;
    const Flight::Parts parts{world_, chooser_, budgets_, random_, tally};
    std::make_shared<Flight>(parts, request, std::move(decision))->run(Tick{});
  }

 private:
  World& world_;
  Random random_;
  Chooser chooser_;
  RaceBudgets budgets_;
};

}  // namespace

std::unique_ptr<Rule> first_in_list(World& world) {
  return std::make_unique<FirstInList>(world);
}

std::unique_ptr<Rule> orchestra_rule(World& world, Random random, bool with_clouds) {
  return std::make_unique<OrchestraRule>(world, random, with_clouds);
}

}  // namespace orchestra::simulation
