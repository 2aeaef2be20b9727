// A multinomial logistic regression over hashed features: p(class) = softmax(scores / temperature). Pure.
//
// Trained by AdaGrad (Duchi, Hazan and Singer, JMLR 12, 2011) on the log loss with L2, in a fixed order drawn from a
// seed, so that the same examples give the same weights. The temperature makes probabilities of it that can be
// believed: it minimises the log loss on examples that the weights have not seen (Guo et al., "On Calibration of Modern
// Neural Networks", ICML 2017).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/classify/query_features.h"

namespace orchestra {

inline constexpr std::size_t kClasses = 4;
using ClassScores = std::array<float, kClasses>;
inline void add_scaled(ClassScores& scores, float value, const ClassScores& weights) noexcept {
  for (std::size_t k = 0; k < kClasses; ++k) scores[k] += value * weights[k];
}

struct LabelledFeatures {
  std::vector<SparseFeature> features;
  std::uint8_t label = 0;  // below kClasses
  float weight = 1;
};

// Immutable; safe to share between threads.
class LinearModel {
 public:
  struct Training {
    int epochs = 30;
    float rate = 0.5F, decay = 1e-6F;  // AdaGrad's step, and L2
    std::uint64_t seed = 1;
  };
  static LinearModel trained(std::span<const LabelledFeatures> examples, const Training& training);
  // `weights` by bucket, kFeatureBuckets of them. They are kept in eight bits each, with a scale per class: a few
  // hundredths of a score are lost, and a model that was stored is the one that it was.
  LinearModel(const ClassScores& bias, std::span<const ClassScores> weights, float temperature = 1);

  ClassScores scores(std::span<const SparseFeature> features) const noexcept;
  ClassScores probabilities(std::span<const SparseFeature> features) const noexcept;
  void set_temperature(float temperature) noexcept { temperature_ = temperature; }
  float temperature() const noexcept { return temperature_; }
  ClassScores weights(std::uint32_t bucket) const noexcept;
  const ClassScores& bias() const noexcept { return bias_; }

  void append_to(std::string& out) const;
  // Cuts the model off the front of `bytes`. kInvalid: they are damaged.
  static Result<LinearModel> read(std::string_view& bytes);

 private:
  LinearModel() = default;

  std::vector<std::array<std::int8_t, kClasses>> weights_{kFeatureBuckets};  // times scale_
  ClassScores scale_{}, bias_{};
  float temperature_ = 1;
};

ClassScores softmax(ClassScores scores, float temperature) noexcept;

// The temperature of the least log loss over scores whose labels are known; 1 when there are none.
float fitted_temperature(std::span<const std::pair<ClassScores, std::uint8_t>> scored) noexcept;

}  // namespace orchestra
