// The network: a small llama-architecture transformer and its training graph on ggml.
//
// Names and shapes of the parameters are those that llama.cpp reads from a GGUF file of the architecture `llama`
// (RMSNorm, rotary positions in ggml's normal mode, SwiGLU, output tied to the token embedding), so that what was
// trained is stored as it is. Only operations with a backward pass in ggml v0.5.0 are used.
#pragma once

#include <ggml-cpp.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace demo {

struct Shape {
  std::int64_t vocabulary = 0;
  std::int64_t width = 160;
  std::int64_t layers = 3;
  std::int64_t heads = 5;
  std::int64_t hidden = 448;  // width of the feed-forward part
  float epsilon = 1e-5F;
  float rope_base = 10000.0F;

  std::int64_t head_width() const { return width / heads; }
};

// The fixed size of one training step. Several examples share a row; the mask keeps them apart.
struct BatchShape {
  std::int64_t row_tokens = 96;
  std::int64_t rows = 16;
  std::int64_t labels = 768;  // positions whose next token is scored

  std::int64_t tokens() const { return row_tokens * rows; }
};

// Parameters and the inputs of one step, allocated once on the backend; the graph's own tensors are allocated by
// ggml-opt. Single-threaded; must outlive whatever trains it.
class Network {
 public:
  Network(const Shape& shape, const BatchShape& batch, ggml_backend_t backend, std::uint32_t seed);

  const Shape& shape() const { return shape_; }
  const BatchShape& batch() const { return batch_; }
  std::span<ggml_tensor* const> parameters() const { return parameters_; }
  std::int64_t parameter_count() const;

  ggml_context* graph_context() const { return graph_.get(); }
  ggml_tensor* tokens() const { return tokens_; }        // i32 [tokens]
  ggml_tensor* positions() const { return positions_; }  // i32 [tokens]: the position inside the example
  ggml_tensor* mask() const { return mask_; }            // f32 [row, row, 1, rows]: 0 where attention is allowed
  ggml_tensor* scored() const { return scored_; }        // i32 [labels]: indices into tokens
  ggml_tensor* logits() const { return logits_; }        // f32 [vocabulary, labels]

 private:
  struct Layer {
    ggml_tensor *attn_norm, *attn_q, *attn_k, *attn_v, *attn_output;
    ggml_tensor *ffn_norm, *ffn_gate, *ffn_up, *ffn_down;
  };

  ggml_tensor* parameter(const std::string& name, std::int64_t columns, std::int64_t rows);
  void declare_parameters();
  void declare_inputs();
  void initialize(std::uint32_t seed);
  ggml_tensor* normalized(ggml_tensor* x, ggml_tensor* weight) const;
  ggml_tensor* rotated(ggml_tensor* x) const;
  ggml_tensor* attention(ggml_tensor* x, const Layer& layer) const;
  ggml_tensor* feed_forward(ggml_tensor* x, const Layer& layer) const;
  ggml_tensor* build_logits() const;

  Shape shape_;
  BatchShape batch_;
  ggml_context_ptr static_;
  ggml_context_ptr graph_;
  ggml_backend_buffer_ptr buffer_;
  std::vector<ggml_tensor*> parameters_;
  std::vector<Layer> layers_;
  ggml_tensor* token_embd_ = nullptr;
  ggml_tensor* output_norm_ = nullptr;
  ggml_tensor* tokens_ = nullptr;
  ggml_tensor* positions_ = nullptr;
  ggml_tensor* mask_ = nullptr;
  ggml_tensor* scored_ = nullptr;
  ggml_tensor* logits_ = nullptr;
};

}  // namespace demo
