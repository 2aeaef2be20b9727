// A model's shape, from its header: what memory estimates and the catalogue need. Keys: src/llama-arch.cpp of
// llama.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runners/gguf_header.h"

namespace orchestra {

struct LayerShape {
  std::int64_t heads = 0, kv_heads = 0;  // kv_heads 0: a recurrent layer, without a KV cache
  std::int64_t window = 0;               // sliding attention window in tokens; 0: the whole context
};

struct ModelShape {
  std::string architecture, name, chat_template, quantization;
  bool projector = false;               // an image or audio projector ("clip"), no model of its own
  bool encoder = false;                 // attends both ways and keeps no KV cache (BERT and its kin)
  std::optional<std::int64_t> pooling;  // <arch>.pooling_type: 0 none, 1 mean, 2 cls, 3 last, 4 rank
  std::int64_t context = 0, embedding = 0, feed_forward = 0, vocabulary = 0;
  std::int64_t experts = 0, experts_used = 0;
  std::int64_t key_length = 0, value_length = 0;  // per head
  std::int64_t state_values = 0;                  // of a recurrent layer, per slot
  std::int64_t parameters = 0;
  std::int64_t part = 0, parts = 1;  // of a split file
  std::vector<LayerShape> layers;
  Bytes weights;
};

// kUnprocessable with a sentence when the header describes no model that can run.
Result<ModelShape> shape_of(const GgufHeader& header);

}  // namespace orchestra
