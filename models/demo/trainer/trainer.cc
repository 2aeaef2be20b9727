#include "trainer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace demo {

float Schedule::rate(std::int64_t step) const {
  if (step < warm_up) return peak * static_cast<float>(step + 1) / static_cast<float>(warm_up);
  const auto left = static_cast<float>(std::max<std::int64_t>(steps - warm_up, 1));
  const float done = std::min(static_cast<float>(step - warm_up) / left, 1.0F);
  return final + (peak - final) * 0.5F * (1 + std::cos(std::numbers::pi_v<float> * done));
}

Result<Compute> Compute::open(const std::filesystem::path& libraries, int threads) {
  ggml_backend_load_all_from_path(libraries.c_str());
  ggml_backend_dev_t device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  if (device == nullptr)
    return std::unexpected("no CPU library of ggml in " + libraries.string() + "; run scripts/deps first");
  ggml_backend_ptr backend(ggml_backend_dev_init(device, nullptr));
  const auto set_threads = reinterpret_cast<ggml_backend_set_n_threads_t>(
      ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), "ggml_backend_set_n_threads"));
  if (!backend || set_threads == nullptr) return std::unexpected("ggml's CPU backend does not start");
  set_threads(backend.get(), threads);
  return Compute(std::move(backend));
}

Trainer::Trainer(Network& network, const Compute& compute, const Schedule& schedule)
    : network_(network), schedule_(schedule), result_(ggml_opt_result_init()) {
  ggml_backend_t backend = compute.backend();
  scheduler_.reset(ggml_backend_sched_new(&backend, nullptr, 1, 2 * GGML_DEFAULT_GRAPH_SIZE, false, false));
  ggml_opt_params options = ggml_opt_default_params(scheduler_.get(), GGML_OPT_LOSS_TYPE_CROSS_ENTROPY);
  options.ctx_compute = network.graph_context();
  options.inputs = network.tokens();
  options.outputs = network.logits();
  options.get_opt_pars = &Trainer::parameters;
  options.get_opt_pars_ud = this;
  options.optimizer = GGML_OPT_OPTIMIZER_TYPE_ADAMW;
  optimizer_.reset(ggml_opt_init(options));
}

ggml_opt_optimizer_params Trainer::parameters(void* trainer) {
  const auto* self = static_cast<const Trainer*>(trainer);
  ggml_opt_optimizer_params values = ggml_opt_get_default_optimizer_params(nullptr);
  values.adamw.alpha = self->schedule_.rate(self->step_);
  values.adamw.beta2 = 0.98F;
  values.adamw.wd = self->schedule_.weight_decay;
  return values;
}

float Trainer::step(Batch& batch) {
  ggml_opt_alloc(optimizer_.get(), true);
  batch.load_inputs(network_);
  batch.load_labels(ggml_opt_labels(optimizer_.get()), schedule_.label_smoothing);
  ggml_opt_result_reset(result_.get());
  ggml_opt_eval(optimizer_.get(), result_.get());
  ++step_;
  double loss = 0;
  ggml_opt_result_loss(result_.get(), &loss, nullptr);
  return static_cast<float>(loss);
}

std::vector<bool> Trainer::answers_exactly(std::span<const Example> examples) {
  std::vector<bool> exact;
  std::vector<std::int32_t> predicted(static_cast<std::size_t>(network_.batch().labels));
  for (std::size_t next = 0; next < examples.size();) {
    Batch batch(network_.batch());
    const std::size_t first = next;
    while (next < examples.size() && batch.add(examples[next])) ++next;

    ggml_opt_alloc(optimizer_.get(), false);
    batch.load_inputs(network_);
    batch.load_labels(ggml_opt_labels(optimizer_.get()), 0);
    ggml_opt_result_reset(result_.get());
    ggml_opt_eval(optimizer_.get(), result_.get());
    ggml_backend_tensor_get(ggml_opt_pred(optimizer_.get()), predicted.data(), 0,
                            predicted.size() * sizeof(predicted[0]));

    auto guess = predicted.cbegin();
    for (const Example& example : examples.subspan(first, next - first)) {
      const auto answer = std::span(example.tokens).subspan(example.answer_at);
      exact.push_back(std::equal(answer.begin(), answer.end(), guess));
      guess += static_cast<std::ptrdiff_t>(answer.size());
    }
  }
  return exact;
}

}  // namespace demo
