// Checks the training graph against finite differences, and that packing keeps examples apart.
#include "network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "batch.h"
#include "trainer.h"

namespace demo {
namespace {

constexpr BatchShape kBatch{.row_tokens = 16, .rows = 2, .labels = 16};

Shape small_shape() {
  return {.vocabulary = 32, .width = 32, .layers = 2, .heads = 2, .hidden = 64};
}

Example example(std::initializer_list<Token> question, std::initializer_list<Token> answer) {
  return make_example(std::vector<Token>(question), std::vector<Token>(answer));
}

std::vector<float> values_of(const ggml_tensor* tensor) {
  std::vector<float> values(static_cast<std::size_t>(ggml_nelements(tensor)));
  ggml_backend_tensor_get(tensor, values.data(), 0, ggml_nbytes(tensor));
  return values;
}

// Runs the network's own graph through ggml-opt without ever taking an optimizer step: with a period of two, the first
// backward pass only gathers gradients, halved.
class Probe {
 public:
  Probe(Network& network, const Compute& compute) : network_(network) {
    ggml_backend_t backend = compute.backend();
    scheduler_.reset(ggml_backend_sched_new(&backend, nullptr, 1, 2 * GGML_DEFAULT_GRAPH_SIZE, false, false));
    auto options = ggml_opt_default_params(scheduler_.get(), GGML_OPT_LOSS_TYPE_CROSS_ENTROPY);
    options.ctx_compute = network.graph_context();
    options.inputs = network.tokens();
    options.outputs = network.logits();
    options.opt_period = 2;
    optimizer_ = ggml_opt_init(options);
  }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() { ggml_opt_free(optimizer_); }

  double loss(Batch& batch, bool backward = false) {
    ggml_opt_result_t result = ggml_opt_result_init();
    ggml_opt_alloc(optimizer_, backward);
    batch.load_inputs(network_);
    batch.load_labels(ggml_opt_labels(optimizer_), 0);
    ggml_opt_eval(optimizer_, result);
    double loss = 0;
    ggml_opt_result_loss(result, &loss, nullptr);
    ggml_opt_result_free(result);
    return loss;
  }

  std::vector<float> gradient(ggml_tensor* parameter) const {
    auto values = values_of(ggml_opt_grad_acc(optimizer_, parameter));
    for (float& value : values) value *= 2;
    return values;
  }

 private:
  Network& network_;
  ggml_backend_sched_ptr scheduler_;
  ggml_opt_context_t optimizer_ = nullptr;
};

Compute open_compute() {
  auto opened = Compute::open(ORCHESTRA_LLAMA_BIN, 1);
  if (!opened) {
    ADD_FAILURE() << opened.error();
    std::abort();
  }
  return std::move(*opened);
}

TEST(Network, GradientsAgreeWithFiniteDifferences) {
  const Compute compute = open_compute();
  Network network(small_shape(), kBatch, compute.backend(), 7);
  Batch batch(kBatch);
  ASSERT_TRUE(batch.add(example({5, 6, 7}, {8, 9})));
  ASSERT_TRUE(batch.add(example({10, 11}, {12, 13, 14})));
  Probe probe(network, compute);
  probe.loss(batch, true);
  std::vector<std::vector<float>> gradients;
  for (ggml_tensor* parameter : network.parameters()) gradients.push_back(probe.gradient(parameter));

  for (std::size_t p = 0; p < gradients.size(); ++p) {
    ggml_tensor* parameter = network.parameters()[p];
    const auto original = values_of(parameter);
    // The place with the steepest slope says most about a parameter.
    const auto steepest = std::ranges::max_element(gradients[p], {}, [](float slope) { return std::abs(slope); });
    const auto at = static_cast<std::size_t>(steepest - gradients[p].begin());
    const auto loss_with = [&](float shift) {
      auto shifted = original;
      shifted[at] += shift;
      ggml_backend_tensor_set(parameter, shifted.data(), 0, ggml_nbytes(parameter));
      return probe.loss(batch);
    };
    constexpr float kShift = 1e-2F;
    const double slope = (loss_with(kShift) - loss_with(-kShift)) / (2.0 * static_cast<double>(kShift));
    ggml_backend_tensor_set(parameter, original.data(), 0, ggml_nbytes(parameter));
    EXPECT_NEAR(static_cast<double>(*steepest), slope, 5e-4 + 0.03 * std::abs(slope)) << ggml_get_name(parameter);
    EXPECT_GT(std::abs(*steepest), 1e-3F) << ggml_get_name(parameter) << " does not learn";
  }
}

TEST(Network, AnExampleDoesNotSeeItsNeighbour) {
  const Compute compute = open_compute();
  Network network(small_shape(), kBatch, compute.backend(), 7);
  Probe probe(network, compute);
  // Both share row 0, so the loss of the second one moves with the first only if the mask leaks.
  const auto alone = [&](const Example& only) {
    Batch batch(kBatch);
    EXPECT_TRUE(batch.add(only));
    return probe.loss(batch);
  };
  const Example first = example({8, 9}, {10});
  const Example second = example({5, 6}, {7});
  Batch both(kBatch);
  ASSERT_TRUE(both.add(first));
  ASSERT_TRUE(both.add(second));
  EXPECT_NEAR(probe.loss(both), (alone(first) + alone(second)) / 2, 1e-5);
}

TEST(Batch, RefusesWhatDoesNotFitAndStaysUsable) {
  Batch batch(kBatch);
  const Example long_one = example({5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, {6});
  EXPECT_FALSE(batch.add(long_one));
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.add(example({5}, {6})));
  EXPECT_EQ(batch.labels(), 2U);
}

TEST(Pack, KeepsEveryExample) {
  std::vector<Example> examples(9, example({5, 6, 7, 8}, {9, 10}));
  std::size_t labels = 0;
  for (const Batch& batch : pack(kBatch, examples)) labels += batch.labels();
  EXPECT_EQ(labels, 9U * 3U);
}

}  // namespace
}  // namespace demo
