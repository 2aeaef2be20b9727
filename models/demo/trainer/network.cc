#include "network.h"

#include <cmath>
#include <numeric>
#include <random>

namespace demo {
namespace {

constexpr int kRopeNormal = 0;
// Forward, backward and optimizer graphs share the context; each may hold this many nodes.
constexpr std::size_t kGraphNodes = GGML_DEFAULT_GRAPH_SIZE;

ggml_context_ptr make_context(std::size_t bytes) {
  return ggml_context_ptr(ggml_init({.mem_size = bytes, .mem_buffer = nullptr, .no_alloc = true}));
}

}  // namespace

Network::Network(const Shape& shape, const BatchShape& batch, ggml_backend_t backend, std::uint32_t seed)
    : shape_(shape), batch_(batch) {
  const auto tensors = static_cast<std::size_t>(2 + 9 * shape.layers + 8);
  static_ = make_context(tensors * ggml_tensor_overhead());
  graph_ = make_context(4 * kGraphNodes * ggml_tensor_overhead() + 4 * ggml_graph_overhead_custom(kGraphNodes, true));
  declare_parameters();
  declare_inputs();
  buffer_.reset(ggml_backend_alloc_ctx_tensors(static_.get(), backend));
  initialize(seed);
  logits_ = build_logits();
}

std::int64_t Network::parameter_count() const {
  return std::accumulate(parameters_.begin(), parameters_.end(), std::int64_t{0},
                         [](std::int64_t sum, const ggml_tensor* p) { return sum + ggml_nelements(p); });
}

ggml_tensor* Network::parameter(const std::string& name, std::int64_t columns, std::int64_t rows) {
  ggml_tensor* tensor = rows == 0 ? ggml_new_tensor_1d(static_.get(), GGML_TYPE_F32, columns)
                                  : ggml_new_tensor_2d(static_.get(), GGML_TYPE_F32, columns, rows);
  ggml_set_name(tensor, name.c_str());
  ggml_set_param(tensor);
  parameters_.push_back(tensor);
  return tensor;
}

void Network::declare_parameters() {
  const auto width = shape_.width;
  token_embd_ = parameter("token_embd.weight", width, shape_.vocabulary);
  for (std::int64_t i = 0; i < shape_.layers; ++i) {
    const std::string block = "blk." + std::to_string(i) + ".";
    layers_.push_back({.attn_norm = parameter(block + "attn_norm.weight", width, 0),
                       .attn_q = parameter(block + "attn_q.weight", width, width),
                       .attn_k = parameter(block + "attn_k.weight", width, width),
                       .attn_v = parameter(block + "attn_v.weight", width, width),
                       .attn_output = parameter(block + "attn_output.weight", width, width),
                       .ffn_norm = parameter(block + "ffn_norm.weight", width, 0),
                       .ffn_gate = parameter(block + "ffn_gate.weight", width, shape_.hidden),
                       .ffn_up = parameter(block + "ffn_up.weight", width, shape_.hidden),
                       .ffn_down = parameter(block + "ffn_down.weight", shape_.hidden, width)});
  }
  output_norm_ = parameter("output_norm.weight", width, 0);
}

void Network::declare_inputs() {
  tokens_ = ggml_new_tensor_1d(static_.get(), GGML_TYPE_I32, batch_.tokens());
  positions_ = ggml_new_tensor_1d(static_.get(), GGML_TYPE_I32, batch_.tokens());
  mask_ = ggml_new_tensor_4d(static_.get(), GGML_TYPE_F32, batch_.row_tokens, batch_.row_tokens, 1, batch_.rows);
  scored_ = ggml_new_tensor_1d(static_.get(), GGML_TYPE_I32, batch_.labels);
}

void Network::initialize(std::uint32_t seed) {
  std::mt19937 rng(seed);
  // Layers that write into the residual stream start smaller, by the square root of their number (as GPT-2 does).
  const float residual = 1.0F / std::sqrt(2.0F * static_cast<float>(shape_.layers));
  for (ggml_tensor* tensor : parameters_) {
    std::vector<float> values(static_cast<std::size_t>(ggml_nelements(tensor)), 1.0F);
    if (ggml_n_dims(tensor) == 2) {
      const std::string_view name = ggml_get_name(tensor);
      float deviation = name == "token_embd.weight" ? 0.05F : 1.0F / std::sqrt(static_cast<float>(tensor->ne[0]));
      if (name.contains("attn_output") || name.contains("ffn_down")) deviation *= residual;
      std::normal_distribution<float> normal(0, deviation);
      for (float& value : values) value = normal(rng);
    }
    ggml_backend_tensor_set(tensor, values.data(), 0, ggml_nbytes(tensor));
  }
}

ggml_tensor* Network::normalized(ggml_tensor* x, ggml_tensor* weight) const {
  return ggml_mul(graph_.get(), ggml_rms_norm(graph_.get(), x, shape_.epsilon), weight);
}

ggml_tensor* Network::rotated(ggml_tensor* x) const {
  ggml_context* g = graph_.get();
  x = ggml_reshape_3d(g, x, shape_.head_width(), shape_.heads, batch_.tokens());
  x = ggml_rope_ext(g, x, positions_, nullptr, static_cast<int>(shape_.head_width()), kRopeNormal, 0, shape_.rope_base,
                    1, 0, 1, 0, 0);
  x = ggml_reshape_4d(g, x, shape_.head_width(), shape_.heads, batch_.row_tokens, batch_.rows);
  return ggml_permute(g, x, 0, 2, 1, 3);
}

ggml_tensor* Network::attention(ggml_tensor* x, const Layer& layer) const {
  ggml_context* g = graph_.get();
  ggml_tensor* query = rotated(ggml_mul_mat(g, layer.attn_q, x));
  ggml_tensor* key = rotated(ggml_mul_mat(g, layer.attn_k, x));
  ggml_tensor* value = ggml_reshape_4d(g, ggml_mul_mat(g, layer.attn_v, x), shape_.head_width(), shape_.heads,
                                       batch_.row_tokens, batch_.rows);
  value = ggml_cont(g, ggml_permute(g, value, 1, 2, 0, 3));

  ggml_tensor* weights = ggml_mul_mat(g, key, query);
  weights = ggml_soft_max_ext(g, weights, mask_, 1.0F / std::sqrt(static_cast<float>(shape_.head_width())), 0.0F);
  ggml_tensor* mixed = ggml_permute(g, ggml_mul_mat(g, value, weights), 0, 2, 1, 3);
  mixed = ggml_reshape_2d(g, ggml_cont(g, mixed), shape_.width, batch_.tokens());
  return ggml_mul_mat(g, layer.attn_output, mixed);
}

ggml_tensor* Network::feed_forward(ggml_tensor* x, const Layer& layer) const {
  ggml_context* g = graph_.get();
  ggml_tensor* gate = ggml_silu(g, ggml_mul_mat(g, layer.ffn_gate, x));
  ggml_tensor* up = ggml_mul_mat(g, layer.ffn_up, x);
  return ggml_mul_mat(g, layer.ffn_down, ggml_mul(g, gate, up));
}

ggml_tensor* Network::build_logits() const {
  ggml_context* g = graph_.get();
  ggml_tensor* x = ggml_get_rows(g, token_embd_, tokens_);
  for (const Layer& layer : layers_) {
    x = ggml_add(g, x, attention(normalized(x, layer.attn_norm), layer));
    x = ggml_add(g, x, feed_forward(normalized(x, layer.ffn_norm), layer));
  }
  // Only answers are scored, so only their positions meet the vocabulary.
  x = ggml_get_rows(g, x, scored_);
  return ggml_mul_mat(g, token_embd_, normalized(x, output_norm_));
}

}  // namespace demo
