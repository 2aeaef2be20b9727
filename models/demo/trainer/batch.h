// Packs examples into the fixed-size batches that the network trains on.
#pragma once

#include <span>
#include <vector>

#include "network.h"
#include "tokenizer.h"

namespace demo {

// One question with its answer, as tokens: <s> <|user|> question <|end|> <|assistant|> answer <|end|>.
struct Example {
  std::vector<Token> tokens;
  std::size_t answer_at = 0;  // index of the first answer token; it and all after it are scored

  std::size_t scored() const { return tokens.size() - answer_at; }
};

Example make_example(std::span<const Token> question, std::span<const Token> answer);

class Batch {
 public:
  explicit Batch(const BatchShape& shape);

  // Adds the example if a row and enough label places are left; false otherwise, and nothing changes.
  bool add(const Example& example);

  bool empty() const { return used_labels_ == 0; }
  std::size_t labels() const { return used_labels_; }  // label places that are no filling

  // Copies tokens, positions, mask and scored positions to the network's inputs. Label places that no example needs
  // repeat earlier ones, as ggml's cross entropy would push an unlabelled place towards a flat distribution.
  void load_inputs(Network& network);

  // Copies one-hot labels, spread by `smoothing` over the vocabulary, to a tensor f32 [vocabulary, labels].
  void load_labels(ggml_tensor* labels, float smoothing);

 private:
  struct Row {
    std::size_t used = 0;
  };

  void allow(std::size_t row, std::size_t from, std::size_t to);

  BatchShape shape_;
  std::vector<Row> rows_;
  std::vector<Token> tokens_;
  std::vector<std::int32_t> positions_;
  std::vector<float> mask_;
  std::vector<std::int32_t> scored_;
  std::vector<Token> targets_;
  std::size_t used_labels_ = 0;
};

// Fills batches with the examples in order, first fit per row.
std::vector<Batch> pack(const BatchShape& shape, std::span<const Example> examples);

}  // namespace demo
