#include "batch.h"

#include <algorithm>
#include <limits>

namespace demo {

Example make_example(std::span<const Token> question, std::span<const Token> answer) {
  Example example;
  auto& tokens = example.tokens;
  tokens = {Tokenizer::kBegin, Tokenizer::kUser};
  tokens.insert(tokens.end(), question.begin(), question.end());
  tokens.push_back(Tokenizer::kEnd);
  tokens.push_back(Tokenizer::kAssistant);
  example.answer_at = tokens.size();
  tokens.insert(tokens.end(), answer.begin(), answer.end());
  tokens.push_back(Tokenizer::kEnd);
  return example;
}

Batch::Batch(const BatchShape& shape) : shape_(shape), rows_(static_cast<std::size_t>(shape.rows)) {
  const auto tokens = static_cast<std::size_t>(shape.tokens());
  const auto width = static_cast<std::size_t>(shape.row_tokens);
  tokens_.assign(tokens, Tokenizer::kUnknown);
  positions_.assign(tokens, 0);
  mask_.assign(tokens * width, -std::numeric_limits<float>::infinity());
  // A place without an example sees itself: a row of minus infinities would make the soft maximum undefined.
  for (std::size_t i = 0; i < tokens; ++i) mask_[i * width + i % width] = 0;
}

bool Batch::add(const Example& example) {
  const auto width = static_cast<std::size_t>(shape_.row_tokens);
  const auto size = example.tokens.size() - 1;  // the last token is only a label
  if (used_labels_ + example.scored() > static_cast<std::size_t>(shape_.labels)) return false;
  const auto row = std::ranges::find_if(rows_, [&](const Row& r) { return r.used + size <= width; });
  if (row == rows_.end()) return false;

  const auto row_index = static_cast<std::size_t>(row - rows_.begin());
  const auto start = row_index * width + row->used;
  for (std::size_t i = 0; i < size; ++i) {
    tokens_[start + i] = example.tokens[i];
    positions_[start + i] = static_cast<std::int32_t>(i);
    if (i + 1 < example.answer_at) continue;
    scored_.push_back(static_cast<std::int32_t>(start + i));
    targets_.push_back(example.tokens[i + 1]);
  }
  allow(row_index, row->used, row->used + size);
  row->used += size;
  used_labels_ = scored_.size();
  return true;
}

void Batch::allow(std::size_t row, std::size_t from, std::size_t to) {
  const auto width = static_cast<std::size_t>(shape_.row_tokens);
  for (std::size_t i = from; i < to; ++i)
    for (std::size_t j = from; j <= i; ++j) mask_[(row * width + i) * width + j] = 0;
}

void Batch::load_inputs(Network& network) {
  for (std::size_t i = 0; scored_.size() < static_cast<std::size_t>(shape_.labels); ++i) {
    scored_.push_back(scored_[i]);
    targets_.push_back(targets_[i]);
  }
  ggml_backend_tensor_set(network.tokens(), tokens_.data(), 0, ggml_nbytes(network.tokens()));
  ggml_backend_tensor_set(network.positions(), positions_.data(), 0, ggml_nbytes(network.positions()));
  ggml_backend_tensor_set(network.mask(), mask_.data(), 0, ggml_nbytes(network.mask()));
  ggml_backend_tensor_set(network.scored(), scored_.data(), 0, ggml_nbytes(network.scored()));
}

void Batch::load_labels(ggml_tensor* labels, float smoothing) {
  const auto vocabulary = static_cast<std::size_t>(labels->ne[0]);
  std::vector<float> values(vocabulary * targets_.size(), smoothing / static_cast<float>(vocabulary));
  for (std::size_t i = 0; i < targets_.size(); ++i)
    values[i * vocabulary + static_cast<std::size_t>(targets_[i])] += 1 - smoothing;
  ggml_backend_tensor_set(labels, values.data(), 0, ggml_nbytes(labels));
}

std::vector<Batch> pack(const BatchShape& shape, std::span<const Example> examples) {
  std::vector<Batch> batches;
  for (const Example& example : examples) {
    if (!batches.empty() && batches.back().add(example)) continue;
    batches.emplace_back(shape);
    batches.back().add(example);
  }
  return batches;
}

}  // namespace demo
