// How much memory a worker takes, from the model's header alone. Pure. Meant as an upper bound.
//
// need = weights + KV + compute + projector + draft + context + margin (DESIGN 7), for llama.cpp v0.5.0:
//   KV       per layer: tokens * kv_heads * (key_length * bytes_k + value_length * bytes_v); tokens = context, or
//            window + ubatch where the layer slides, rounded up to 256, times the slots (llama-kv-cache-iswa.cpp).
//            Recurrent layers: their state in 32-bit floats, per slot.
//   compute  the widest moment of the graph over one ubatch: logits of the vocabulary, or a feed-forward, plus the
//            residual stream, plus the attention mask (32-bit and its 16-bit copy) over one slot's context.
//   context  what the process takes before any model, plus the logits kept per slot and the prompt cache.
//   margin   5 %, at least 64 MiB.
#pragma once

#include "domain/local_model.h"
#include "runners/gguf_shape.h"

namespace orchestra {

struct WorkerShape {
  int slots = 1;
  Tokens context;             // per slot
  std::int64_t ubatch = 512;  // tokens computed at once
  std::int64_t kv_bytes = 2;  // per value: 16-bit floats
  bool logits = true;         // false for embeddings
  Bytes projector, prompt_cache;
};

MemoryNeed estimate(const ModelShape& model, const WorkerShape& worker) noexcept;

}  // namespace orchestra
