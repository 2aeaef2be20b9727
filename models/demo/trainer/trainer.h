// Trains a network on batches with ggml's AdamW and asks it questions.
#pragma once

#include <ggml-opt.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "batch.h"
#include "corpus.h"

namespace demo {

struct Schedule {
  std::int64_t steps = 0;
  std::int64_t warm_up = 40;
  float peak = 3e-3F;
  float final = 3e-5F;
  float weight_decay = 0.05F;
  float label_smoothing = 0.0F;

  // Linear warm-up, then half a cosine down to `final`.
  float rate(std::int64_t step) const;
};

// Owns the compute backend that ggml loads from a folder of libggml-cpu-*.so, the best one for this processor.
class Compute {
 public:
  static Result<Compute> open(const std::filesystem::path& libraries, int threads);
  ggml_backend_t backend() const { return backend_.get(); }

 private:
  explicit Compute(ggml_backend_ptr backend) : backend_(std::move(backend)) {}
  ggml_backend_ptr backend_;
};

class Trainer {
 public:
  Trainer(Network& network, const Compute& compute, const Schedule& schedule);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // One optimizer step; returns the mean loss per scored token, in nats, before the step.
  float step(Batch& batch);
  std::int64_t steps_done() const { return step_; }

  // For each example: does the network, decoding greedily, give exactly its answer and then stop? Asked with the true
  // answer as context: greedy decoding reproduces a text if and only if every token of it, the end included, is the
  // most likely one after those before it.
  std::vector<bool> answers_exactly(std::span<const Example> examples);

 private:
  struct FreeOptimizer {
    void operator()(ggml_opt_context* context) const { ggml_opt_free(context); }
  };
  struct FreeResult {
    void operator()(ggml_opt_result* result) const { ggml_opt_result_free(result); }
  };

  static ggml_opt_optimizer_params parameters(void* trainer);

  Network& network_;
  Schedule schedule_;
  std::int64_t step_ = 0;
  ggml_backend_sched_ptr scheduler_;
  std::unique_ptr<ggml_opt_context, FreeOptimizer> optimizer_;
  std::unique_ptr<ggml_opt_result, FreeResult> result_;
};

}  // namespace demo
