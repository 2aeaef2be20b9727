// A subword tokenizer in the form that llama.cpp calls `llama` (SentencePiece BPE with byte fallback).
//
// Pieces are learned by byte-pair merging inside runs of letters, of digits or of other signs; a blank, written
// U+2581, belongs to the run that follows it. Encoding repeats the best-scored merge of neighbours until none is left,
// which is what llama.cpp v0.5.0 does with the same pieces and scores (src/llama-vocab.cpp, llm_tokenizer_spm), so that
// training and serving see the same tokens.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace demo {

using Token = std::int32_t;
using Rng = std::mt19937;

// The values that GGUF gives to `tokenizer.ggml.token_type`.
enum class PieceKind : std::int32_t { kNormal = 1, kUnknown = 2, kControl = 3, kByte = 6 };

struct Piece {
  std::string text;
  float score;  // merges with a higher score come first
  PieceKind kind;
};

class Tokenizer {
 public:
  static constexpr Token kUnknown = 0;
  static constexpr Token kBegin = 1;
  static constexpr Token kEnd = 2;
  static constexpr Token kUser = 3;
  static constexpr Token kAssistant = 4;

  // Learns at most `max_pieces` pieces from the texts. The same texts give the same pieces.
  static Tokenizer train(std::span<const std::string> texts, std::size_t max_pieces);

  // The tokens of plain text; control tokens are never produced.
  std::vector<Token> encode(std::string_view text) const;

  // As encode, but each possible merge is left out with the given probability (BPE dropout, Provilkov et al. 2020):
  // the model then also learns to read rarer spellings, such as a misspelt word.
  std::vector<Token> encode(std::string_view text, float dropout, Rng& rng) const;

  std::span<const Piece> pieces() const { return pieces_; }
  std::size_t size() const { return pieces_.size(); }

 private:
  Tokenizer();
  void add(std::string text, float score, PieceKind kind);
  std::vector<Token> encode(std::string_view text, float dropout, Rng* rng) const;

  std::vector<Piece> pieces_;
  std::unordered_map<std::string, Token> ids_;  // normal pieces only
};

}  // namespace demo
