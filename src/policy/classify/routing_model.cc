#include "policy/classify/routing_model.h"

#include <array>
#include <cmath>
#include <numeric>
#include <random>

#include "policy/classify/folds.h"

namespace orchestra {
namespace {

constexpr float kRate = 0.15F, kDecay = 3e-4F, kTiny = 1e-8F;
constexpr float kClassValue = 0.5F;
// A model must beat the mean by so much of its loss, or it is noise.
constexpr double kBetter = 0.99;
constexpr std::size_t kBins = 10;

double sigmoid(double score) noexcept {
  return 1.0 / (1.0 + std::exp(-score));
}

double log_loss(double chance, double target) noexcept {
  const double p = std::clamp(chance, 1e-6, 1 - 1e-6);
  return -target * std::log(p) - (1 - target) * std::log(1 - p);
}

std::size_t type_place(QueryType type) noexcept {
  return kFeatureBuckets + static_cast<std::size_t>(type);
}
std::size_t complexity_place(Complexity complexity) noexcept {
  return kFeatureBuckets + 4 + static_cast<std::size_t>(complexity);
}

struct Example {
  const QueryOutcome* outcome;
  Sufficiency says;
};

// Learns over places; `weights` are by place until they are put back to buckets.
class Fitting {
 public:
  float score(const QueryOutcome& outcome) const noexcept {
    float sum = bias_;
    for (const KeyedFeature& feature : outcome.features) sum += kept_value(feature) * weights_[feature.place];
    return sum + kClassValue * (weights_[type_place(outcome.type)] + weights_[complexity_place(outcome.complexity)]);
  }

  void learn(const Example& example) noexcept {
    const auto chance = static_cast<float>(sigmoid(static_cast<double>(score(*example.outcome))));
    const float error = (chance - example.says.target) * example.says.weight;
    descend(bias_, bias_squares_, error, 0);
    for (const KeyedFeature& feature : example.outcome->features) step(feature.place, error * kept_value(feature));
    step(type_place(example.outcome->type), error * kClassValue);
    step(complexity_place(example.outcome->complexity), error * kClassValue);
  }

  std::vector<float> by_bucket(const FeatureKey& key) const {
    std::vector<float> weights = weights_;
    for (std::size_t place = 0; place < kFeatureBuckets; ++place) {
      weights[key.bucket(static_cast<std::uint16_t>(place))] = weights_[place];
    }
    return weights;
  }
  float bias() const noexcept { return bias_; }

 private:
  static void descend(float& weight, float& squares, float gradient, float decay) noexcept {
    gradient += decay * weight;
    squares += gradient * gradient;
    weight -= kRate * gradient / std::sqrt(squares + kTiny);
  }
  void step(std::size_t place, float gradient) noexcept { descend(weights_[place], squares_[place], gradient, kDecay); }

  std::vector<float> weights_ = std::vector<float>(kRoutingFeatures);
  std::vector<float> squares_ = std::vector<float>(kRoutingFeatures);
  float bias_ = 0, bias_squares_ = 0;
};

// Platt's two numbers by Newton's method, held near the identity as by a few examples.
RoutingModel::Calibration calibrated(const Fitting& fitting, std::span<const Example> examples) {
  constexpr double kHold = 2.0;
  double slope = 1, shift = 0;
  for (int round = 0; round < 30; ++round) {
    double g0 = kHold * (slope - 1), g1 = kHold * shift, h00 = kHold, h01 = 0, h11 = kHold;
    for (const Example& example : examples) {
      const auto score = static_cast<double>(fitting.score(*example.outcome));
      const double chance = sigmoid(slope * score + shift);
      const double error =
          static_cast<double>(example.says.weight) * (chance - static_cast<double>(example.says.target));
      const double curve = static_cast<double>(example.says.weight) * chance * (1 - chance);
      g0 += error * score;
      g1 += error;
      h00 += curve * score * score;
      h01 += curve * score;
      h11 += curve;
    }
    const double determinant = h00 * h11 - h01 * h01;
    slope -= (h11 * g0 - h01 * g1) / determinant;
    shift -= (h00 * g1 - h01 * g0) / determinant;
    // Newton's steps may leap where few examples stand; a slope that turns the order around is never right.
    slope = std::clamp(slope, 0.05, 5.0);
    shift = std::clamp(shift, -5.0, 5.0);
  }
  return {.slope = static_cast<float>(slope), .shift = static_cast<float>(shift)};
}

void measure(RoutingFit& fit, const Fitting& fitting, const RoutingModel::Calibration& calibration,
             std::span<const Example> examples) {
  struct Bin {
    double weight = 0, chance = 0, target = 0;
  };
  std::array<Bin, kBins> bins{};
  double loss = 0, base = 0, all = 0;
  for (const Example& example : examples) {
    const auto score = static_cast<double>(fitting.score(*example.outcome));
    const double chance =
        sigmoid(static_cast<double>(calibration.slope) * score + static_cast<double>(calibration.shift));
    const auto weight = static_cast<double>(example.says.weight), target = static_cast<double>(example.says.target);
    loss += weight * log_loss(chance, target);
    base += weight * log_loss(*fit.suffices, target);
    all += weight;
    Bin& bin = bins[std::min<std::size_t>(static_cast<std::size_t>(chance * kBins), kBins - 1)];
    bin.weight += weight;
    bin.chance += weight * chance;
    bin.target += weight * target;
  }
  if (all <= 0) return;
  double error = 0;
  for (const Bin& bin : bins) error += std::abs(bin.chance - bin.target);
  fit.loss = loss / all;
  fit.base_loss = base / all;
  fit.calibration_error = error / all;
}

struct Folds {
  std::vector<Example> train, calibrate, test;
};

Folds divide(std::span<const QueryOutcome> outcomes, RoutingFit& fit) {
  Folds folds;
  for (const QueryOutcome& outcome : outcomes) {
    const auto says = sufficiency(outcome);
    if (!says) continue;
    if (says->told) ++fit.told;
    const Fold fold = fold_of(outcome);
    auto& examples = fold == Fold::kTest ? folds.test : fold == Fold::kCalibrate ? folds.calibrate : folds.train;
    examples.push_back({&outcome, *says});
  }
  return folds;
}

}  // namespace

std::optional<Sufficiency> sufficiency(const QueryOutcome& outcome) noexcept {
  if (!outcome.cheap.value_or(false)) return std::nullopt;
  if (outcome.quality) return Sufficiency{.target = static_cast<float>(*outcome.quality), .weight = 1, .told = true};
  if (outcome.retried) return Sufficiency{.target = 0, .weight = 0.5F, .told = true};
  if (outcome.abandoned) return Sufficiency{.target = 0, .weight = 0.2F};
  if (!outcome.success) return std::nullopt;
  return Sufficiency{.target = 1, .weight = 0.1F};
}

double RoutingModel::chance(std::span<const SparseFeature> features, QueryType type,
                            Complexity complexity) const noexcept {
  float score = bias_ + kClassValue * (weights_[type_place(type)] + weights_[complexity_place(complexity)]);
  for (const auto& [bucket, value] : features) score += value * weights_[bucket];
  return sigmoid(static_cast<double>(calibration_.slope * score + calibration_.shift));
}

RoutingFit fit_routing(std::span<const QueryOutcome> outcomes, const FeatureKey& key) {
  RoutingFit fit;
  Folds folds = divide(outcomes, fit);
  double sum = 0, weight = 0;
  for (const Example& example : folds.train) {
    sum += static_cast<double>(example.says.weight * example.says.target);
    weight += static_cast<double>(example.says.weight);
  }
  if (fit.told < kFewestTold || weight <= 0) return fit;
  fit.suffices = sum / weight;
  Fitting fitting;
  std::mt19937_64 random(1);
  for (int round = rounds_for(folds.train.size()); round > 0; --round) {
    std::ranges::shuffle(folds.train, random);
    for (const Example& example : folds.train) fitting.learn(example);
  }
  const auto calibration = calibrated(fitting, folds.calibrate);
  measure(fit, fitting, calibration, folds.test);
  if (fit.loss && *fit.loss < kBetter * *fit.base_loss) {
    fit.model.emplace(fitting.by_bucket(key), fitting.bias(), calibration);
  }
  return fit;
}

}  // namespace orchestra
