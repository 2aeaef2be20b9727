#include "policy/classify/linear_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

namespace orchestra {
namespace {

constexpr float kTiny = 1e-8F;

std::unexpected<Error> damaged() {
  return fail(Fault::kInvalid, "The classifier's file is damaged.");
}

void append_float(std::string& out, float value) {
  std::array<char, sizeof value> bytes{};
  std::memcpy(bytes.data(), &value, sizeof value);
  out.append(bytes.data(), bytes.size());
}

bool cut_float(std::string_view& bytes, float& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return std::isfinite(value);
}

// A scale at which the greatest weight of class k is 127.
float scale_of(std::span<const ClassScores> weights, std::size_t k) noexcept {
  float most = 0;
  for (const ClassScores& scores : weights) most = std::max(most, std::abs(scores[k]));
  return most > 0 ? most / 127.0F : 1.0F;
}

// One step of AdaGrad on one weight.
void descend(float& weight, float& squares, float gradient, float rate) noexcept {
  squares += gradient * gradient;
  weight -= rate * gradient / std::sqrt(squares + kTiny);
}

double log_loss(std::span<const std::pair<ClassScores, std::uint8_t>> scored, float temperature) noexcept {
  double loss = 0;
  for (const auto& [scores, label] : scored) {
    loss -= std::log(std::max(static_cast<double>(softmax(scores, temperature)[label]), 1e-9));
  }
  return loss;
}

}  // namespace

ClassScores softmax(ClassScores scores, float temperature) noexcept {
  const float most = *std::ranges::max_element(scores);
  float sum = 0;
  for (float& score : scores) sum += score = std::exp((score - most) / temperature);
  for (float& score : scores) score /= sum;
  return scores;
}

float fitted_temperature(std::span<const std::pair<ClassScores, std::uint8_t>> scored) noexcept {
  if (scored.empty()) return 1;
  float best = 1;
  double least = log_loss(scored, best);
  for (float temperature = 0.2F; temperature < 8.0F; temperature *= 1.05F) {
    const double loss = log_loss(scored, temperature);
    if (loss < least) {
      least = loss;
      best = temperature;
    }
  }
  return best;
}

LinearModel::LinearModel(const ClassScores& bias, std::span<const ClassScores> weights, float temperature)
    : bias_(bias), temperature_(temperature) {
  for (std::size_t k = 0; k < kClasses; ++k) {
    scale_[k] = scale_of(weights, k);
    for (std::size_t bucket = 0; bucket < kFeatureBuckets; ++bucket) {
      weights_[bucket][k] = static_cast<std::int8_t>(std::lround(weights[bucket][k] / scale_[k]));
    }
  }
}

LinearModel LinearModel::trained(std::span<const LabelledFeatures> examples, const Training& training) {
  std::vector<ClassScores> weights(kFeatureBuckets), squares(kFeatureBuckets);
  ClassScores bias{}, bias_squares{};
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::mt19937_64 random(training.seed);
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    std::ranges::shuffle(order, random);
    for (const auto index : order) {
      const LabelledFeatures& example = examples[index];
      ClassScores errors = bias;
      for (const auto& [bucket, value] : example.features) add_scaled(errors, value, weights[bucket]);
      errors = softmax(errors, 1);
      errors[example.label] -= 1;
      for (std::size_t k = 0; k < kClasses; ++k) {
        errors[k] *= example.weight;
        descend(bias[k], bias_squares[k], errors[k], training.rate);
      }
      for (const auto& [bucket, value] : example.features) {
        for (std::size_t k = 0; k < kClasses; ++k) {
          float& weight = weights[bucket][k];
          descend(weight, squares[bucket][k], errors[k] * value + training.decay * weight, training.rate);
        }
      }
    }
  }
  return {bias, weights};
}

ClassScores LinearModel::weights(std::uint32_t bucket) const noexcept {
  ClassScores weights{};
  for (std::size_t k = 0; k < kClasses; ++k) weights[k] = scale_[k] * static_cast<float>(weights_[bucket][k]);
  return weights;
}

ClassScores LinearModel::scores(std::span<const SparseFeature> features) const noexcept {
  ClassScores sums{};
  for (const auto& [bucket, value] : features) {
    const auto& weights = weights_[bucket];
    for (std::size_t k = 0; k < kClasses; ++k) sums[k] += value * static_cast<float>(weights[k]);
  }
  ClassScores scores = bias_;
  for (std::size_t k = 0; k < kClasses; ++k) scores[k] += scale_[k] * sums[k];
  return scores;
}

ClassScores LinearModel::probabilities(std::span<const SparseFeature> features) const noexcept {
  return softmax(scores(features), temperature_);
}

void LinearModel::append_to(std::string& out) const {
  append_float(out, temperature_);
  for (std::size_t k = 0; k < kClasses; ++k) {
    append_float(out, bias_[k]);
    append_float(out, scale_[k]);
    for (const auto& weights : weights_) out += static_cast<char>(weights[k]);
  }
}

Result<LinearModel> LinearModel::read(std::string_view& bytes) {
  LinearModel model;
  if (!cut_float(bytes, model.temperature_) || model.temperature_ <= 0) return damaged();
  for (std::size_t k = 0; k < kClasses; ++k) {
    if (!cut_float(bytes, model.bias_[k]) || !cut_float(bytes, model.scale_[k]) || bytes.size() < kFeatureBuckets) {
      return damaged();
    }
    for (std::size_t bucket = 0; bucket < kFeatureBuckets; ++bucket) {
      model.weights_[bucket][k] = static_cast<std::int8_t>(bytes[bucket]);
    }
    bytes.remove_prefix(kFeatureBuckets);
  }
  return model;
}

}  // namespace orchestra
