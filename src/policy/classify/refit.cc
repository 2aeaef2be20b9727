#include "policy/classify/refit.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "policy/classify/folds.h"
#include "policy/classify/traps.h"

namespace orchestra {
namespace {

constexpr float kRate = 0.2F, kDecay = 2e-3F, kTiny = 1e-8F;

struct Example {
  const QueryOutcome* outcome;
  ClassScores shipped;
  std::uint8_t label;
};

ClassScores shipped_scores(const LinearModel& model, const QueryOutcome& outcome, const FeatureKey& key) {
  ClassScores scores = model.bias();
  for (const KeyedFeature& feature : outcome.features) {
    add_scaled(scores, kept_value(feature), model.weights(key.bucket(feature.place)));
  }
  return scores;
}

std::size_t answer_of(const ClassScores& scores) noexcept {
  return static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin());
}

// Learns what must be added to the shipped scores.
class Correction {
 public:
  void learn(const Example& example) noexcept {
    ClassScores errors = softmax(score(example), 1);
    errors[example.label] -= 1;
    for (const KeyedFeature& feature : example.outcome->features) {
      ClassScores &weights = weights_[feature.place], &squares = squares_[feature.place];
      const float value = kept_value(feature);
      for (std::size_t k = 0; k < kClasses; ++k) {
        const float gradient = errors[k] * value + kDecay * weights[k];
        squares[k] += gradient * gradient;
        weights[k] -= kRate * gradient / std::sqrt(squares[k] + kTiny);
      }
    }
  }
  ClassScores score(const Example& example) const noexcept {
    ClassScores scores = example.shipped;
    for (const KeyedFeature& feature : example.outcome->features) {
      add_scaled(scores, kept_value(feature), weights_[feature.place]);
    }
    return scores;
  }
  LinearModel added_to(const LinearModel& shipped, const FeatureKey& key) const {
    std::vector<ClassScores> sums(kFeatureBuckets);
    for (std::size_t place = 0; place < kFeatureBuckets; ++place) {
      const auto bucket = key.bucket(static_cast<std::uint16_t>(place));
      sums[bucket] = shipped.weights(bucket);
      add_scaled(sums[bucket], 1, weights_[place]);
    }
    return {shipped.bias(), sums, shipped.temperature()};
  }

 private:
  std::vector<ClassScores> weights_ = std::vector<ClassScores>(kFeatureBuckets);
  std::vector<ClassScores> squares_ = std::vector<ClassScores>(kFeatureBuckets);
};

template <class Label>
struct Labelled {
  std::vector<Example> train, test;
  Labelled(std::span<const QueryOutcome> outcomes, std::optional<Label> QueryOutcome::* label,
           const LinearModel& shipped, const FeatureKey& key) {
    for (const QueryOutcome& outcome : outcomes) {
      if (!(outcome.*label)) continue;
      auto& examples = fold_of(outcome) == Fold::kTest ? test : train;
      examples.push_back({.outcome = &outcome,
                          .shipped = shipped_scores(shipped, outcome, key),
                          .label = static_cast<std::uint8_t>(*(outcome.*label))});
    }
  }
  std::size_t size() const noexcept { return train.size() + test.size(); }
};

LinearModel corrected(const LinearModel& shipped, std::vector<Example> examples, const FeatureKey& key) {
  Correction correction;
  std::mt19937_64 random(1);
  for (int round = rounds_for(examples.size()); round > 0; --round) {
    std::ranges::shuffle(examples, random);
    for (const Example& example : examples) correction.learn(example);
  }
  return correction.added_to(shipped, key);
}

std::size_t right(const LinearModel& model, std::span<const Example> examples, const FeatureKey& key) {
  return static_cast<std::size_t>(std::ranges::count_if(examples, [&](const Example& example) {
    return answer_of(shipped_scores(model, *example.outcome, key)) == example.label;
  }));
}

std::size_t right_traps(const Classifier& classifier) {
  return static_cast<std::size_t>(std::ranges::count_if(
      kTraps, [&](const Trap& trap) { return classifier.classify({.text = trap.text}).type == trap.type; }));
}

// The classifier to use from now on.
Classifier refit_classifier(const Classifier& shipped, const Classifier& current,
                            std::span<const QueryOutcome> outcomes, const FeatureKey& key, RefitReport& report) {
  const Labelled types(outcomes, &QueryOutcome::type_label, shipped.type(), key);
  report.labelled = types.size();
  report.held_out = types.test.size();
  report.traps = kTraps.size();
  report.traps_before = report.traps_after = right_traps(current);
  if (types.size() < kFewestLabels || types.test.empty()) {
    report.classifier =
        fmt::format("{} outcomes are labelled; below {} the classifier stays as it is.", types.size(), kFewestLabels);
    return current;
  }
  const Labelled complexities(outcomes, &QueryOutcome::complexity_label, shipped.complexity(), key);
  const bool graded = complexities.size() >= kFewestLabels && !complexities.test.empty();
  LinearModel complexity = graded ? corrected(shipped.complexity(), complexities.train, key) : shipped.complexity();
  if (graded && right(complexity, complexities.test, key) < right(shipped.complexity(), complexities.test, key)) {
    complexity = shipped.complexity();
  }
  Classifier fitted(corrected(shipped.type(), types.train, key), std::move(complexity));
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(types.test.size());
  };
  const std::size_t before = right(current.type(), types.test, key), after = right(fitted.type(), types.test, key);
  const std::size_t bar = std::max(before, right(shipped.type(), types.test, key));
  report.accuracy_before = share(before);
  report.accuracy_after = share(after);
  report.traps_after = right_traps(fitted);
  const std::size_t trap_bar = std::max(report.traps_before, right_traps(shipped));
  report.adopted = after >= bar && report.traps_after >= trap_bar;
  report.classifier = report.adopted ? "The newly fitted classifier is in use."
                      : after < bar
                          ? "The newly fitted classifier is worse on outcomes that it has not seen, and was dropped."
                          : "The newly fitted classifier falls for queries that mislead by a word, and was dropped.";
  return report.adopted ? fitted : current;
}

std::string routing_sentence(const RoutingFit& fit) {
  if (fit.told < kFewestTold) {
    return fmt::format("{} answers of cheap models were judged; below {} nothing is predicted.", fit.told, kFewestTold);
  }
  return fit.model ? "It predicts which queries a cheap model answers well enough."
                   : "The queries do not tell where a cheap model suffices: nothing is predicted.";
}

}  // namespace

Refitted refit(const Classifier& shipped, const QueryModels& current, std::span<const QueryOutcome> outcomes,
               const FeatureKey& key) {
  Refitted out;
  out.report.outcomes = outcomes.size();
  Classifier classifier = refit_classifier(shipped, current.classifier, outcomes, key, out.report);
  RoutingFit fit = fit_routing(outcomes, key);
  out.report.told = fit.told;
  out.report.suffices = fit.suffices;
  out.report.loss = fit.loss;
  out.report.base_loss = fit.base_loss;
  out.report.calibration_error = fit.calibration_error;
  out.report.predicts = fit.model.has_value();
  out.report.routing = routing_sentence(fit);
  out.models = std::make_shared<const QueryModels>(QueryModels{std::move(classifier), std::move(fit.model)});
  return out;
}

}  // namespace orchestra
