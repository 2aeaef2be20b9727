#include "regret_world.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>

#include "chooser.h"
#include "events.h"

namespace orchestra::simulation {
namespace {

constexpr double kInput = 300, kOutput = 400;  // tokens of every request
constexpr double kRated = 0.2;                 // so many answers get feedback, which is off by up to kNoise
constexpr double kNoise = 0.2;
constexpr double kGood = 0.02;    // choices are good where they miss so little of the best, on the mean of an hour
constexpr double kPatience = 10;  // seconds that callers wait for the first content; as policy/terms.h has it
constexpr std::size_t kModels = 4;

struct Truth {
  const char* id;
  double quality, success, first_content, tokens_per_second, usd_per_input, usd_per_output;
};

// As they are at the start; the catalogue claims as much.
constexpr std::array<Truth, kModels> kStart{{
    {"alpha/large", 0.92, 0.995, 0.5, 90, 1.0, 4.0},
    {"beta/medium", 0.80, 0.99, 0.5, 90, 0.4, 1.6},
    {"gamma/small", 0.66, 0.995, 0.3, 150, 0.1, 0.4},
    {"delta/slow", 0.88, 0.98, 1.5, 30, 0.8, 3.2},
}};

std::array<Truth, kModels> truths_at(double day) {
  auto truths = kStart;
  if (day >= 3 && day < 6) truths[0].quality = 0.45;
  if (day >= 8 && day < 10) truths[0].first_content = 25;
  return truths;
}

// What one answer is worth: the score of "adaptive", of the true terms.
double worth(const Truth& truth) noexcept {
  const double seconds = truth.first_content + kOutput / truth.tokens_per_second;
  const double usd = (kInput * truth.usd_per_input + kOutput * truth.usd_per_output) / 1e6;
  const Terms terms{.quality = static_cast<float>(truth.quality),
                    .success = static_cast<float>(truth.success * std::min(1.0, kPatience / truth.first_content)),
                    .latency = static_cast<float>(1 / (1 + seconds / 2)),
                    .cost = static_cast<float>(1 / (1 + usd / 0.002)),
                    .resources = 1};
  return weighted_score(terms, {.quality = 0.55, .latency = 0.2, .cost = 0.15, .resources = 0.1});
}

double best_at(const std::array<Truth, kModels>& truths) noexcept {
  double best = 0;
  for (const Truth& truth : truths) best = std::max(best, worth(truth));
  return best;
}

Catalogue catalogue() {
  std::vector<Model> models;
  for (const Truth& truth : kStart) {
    Model model{.id = {truth.id}, .capabilities = kCanChat | kCanStream, .context = Tokens(128'000)};
    model.price.input = MicroUsd(static_cast<std::int64_t>(truth.usd_per_input * 1e6));
    model.price.output = MicroUsd(static_cast<std::int64_t>(truth.usd_per_output * 1e6));
    ModelCard card;
    card.claimed = {.first_content = micros(truth.first_content),
                    .tokens_per_second = truth.tokens_per_second,
                    .success_rate = truth.success,
                    .quality = truth.quality};
    model.card = std::make_shared<const ModelCard>(std::move(card));
    models.push_back(std::move(model));
  }
  return make_catalogue(1, std::move(models));
}

// Sums regret and notes after each change when the choices are good again.
class Account {
 public:
  void add(double day, double regret) {
    sum_ += regret;
    while (course_.regret.size() < kPoints &&
           day >= kDays * static_cast<double>(course_.regret.size()) / static_cast<double>(kPoints)) {
      course_.regret.push_back(sum_);
    }
    recent_.push_back(regret);
    const auto all = changes();
    while (course_.recovery.size() < all.size() && day >= all[course_.recovery.size()].day) {
      course_.recovery.push_back(-1);
      since_ = recent_.size();
    }
    if (course_.recovery.empty() || course_.recovery.back() >= 0 || recent_.size() < since_ + kWindow) return;
    const double hour = std::accumulate(recent_.end() - static_cast<std::ptrdiff_t>(kWindow), recent_.end(), 0.0);
    if (hour > kGood * static_cast<double>(kWindow)) return;
    const double began = day - static_cast<double>(kWindow) / kRequestsPerDay;
    course_.recovery.back() = std::max(0.0, 24 * (began - all[course_.recovery.size() - 1].day));
  }
  Course take() {
    course_.regret.resize(kPoints, sum_);
    course_.recovery.resize(changes().size(), -1);
    return std::move(course_);
  }

 private:
  static constexpr std::size_t kWindow = 60;  // requests: an hour
  Course course_;
  std::vector<double> recent_;
  std::size_t since_ = 0;
  double sum_ = 0;
};

// Asks the model and tells the chooser how it went.
void answer(Chooser& chooser, FakeClock& clock, const Truth& truth, Random& random) {
  const ModelId id{truth.id};
  OutcomeFact fact{.model = id, .stratum = prompt_stratum(Tokens(300)), .when = clock.wall()};
  auto pass = HealthPass::enter(chooser.health(id), clock);
  fact.success = random.chance(truth.success);
  if (pass && *fact.success) {
    pass->content();
    pass->succeeded();
  } else if (pass) {
    pass->failed({.fault = Fault::kUpstream, .what = "It failed."});
  }
  if (*fact.success) {
    fact.first_content = micros(truth.first_content * random.between(0.7, 1.4));
    fact.duration = *fact.first_content + micros(kOutput / truth.tokens_per_second * random.between(0.8, 1.25));
    fact.output = Tokens(static_cast<std::int64_t>(kOutput));
  }
  chooser.note(fact);
  if (!*fact.success || !random.chance(kRated)) return;
  OutcomeFact rated{.model = id, .stratum = fact.stratum, .when = clock.wall()};
  rated.quality = std::clamp(truth.quality + random.between(-kNoise, kNoise), 0.0, 1.0);
  chooser.note(rated);
}

}  // namespace

std::vector<Change> changes() {
  return {
      {3, "alpha answers badly"}, {6, "alpha is good again"}, {8, "alpha turns slow"}, {10, "alpha is quick again"}};
}

Course course_of(const std::string& strategy, std::uint64_t seed) {
  FakeClock clock;
  Random random(seed);
  Chooser chooser(catalogue(), clock, strategy);
  Account account;
  const Shape shape{.stream = true, .max_tokens = 400, .text_bytes = static_cast<std::size_t>(kInput * 4)};
  const auto count = static_cast<int>(kDays * kRequestsPerDay);
  for (int i = 0; i < count; ++i) {
    const double day = i / kRequestsPerDay;
    const auto truths = truths_at(day);
    const Decision decision = chooser.choose(shape, {}, nullptr, random.bits());
    double regret = best_at(truths);
    if (!decision.plan.order.empty()) {
      const auto& id = decision.plan.order.front().model.text;
      const auto& truth = *std::ranges::find(truths, id, [](const Truth& one) { return std::string(one.id); });
      regret -= worth(truth);
      answer(chooser, clock, truth, random);
    }
    account.add(day, regret);
    clock.advance(micros(86'400 / kRequestsPerDay));
  }
  return account.take();
}

Fixed best_fixed() {
  std::optional<Fixed> best;
  for (std::size_t model = 0; model < kModels; ++model) {
    Account account;
    for (int i = 0; i < static_cast<int>(kDays * kRequestsPerDay); ++i) {
      const auto truths = truths_at(i / kRequestsPerDay);
      account.add(i / kRequestsPerDay, best_at(truths) - worth(truths[model]));
    }
    Fixed fixed{.model = kStart[model].id, .course = account.take()};
    if (!best || fixed.course.regret.back() < best->course.regret.back()) best = std::move(fixed);
  }
  return std::move(*best);
}

}  // namespace orchestra::simulation
