// A query as sparse numbers: hashed words, word pairs and pieces of words, and its shape. Pure, no allocation.
//
// Words are runs of letters and digits; bytes above 0x7F count as letters, so that every language has words; ASCII
// letters are lowered. Of each word stand for it: itself, the pair with the word before it, and for the first 48 words
// of 4 to 24 bytes their pieces of 4 bytes, its ends marked, which catch inflections, compounds and misspellings. A
// long text is read by its first 160 and its last 64 words: that is where the question stands. Every occurrence counts
// once; all are scaled so that their squares add up to 1, or to less where there are fewer than 16: of a word or two
// less is known, and what a word that was never seen shares its place with must not decide. Beside them stand features
// of the whole text, of which there are few: its length, its marks, its first word, and how many of its words have each
// sense of the lexicon (lexicon.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "policy/classify/lexicon.h"

namespace orchestra {

inline constexpr std::size_t kFeatureBuckets = std::size_t{1} << 15U;

struct SparseFeature {
  std::uint32_t bucket = 0;
  float value = 0;
};

// Room for the features of one query.
class QueryFeatures {
 public:
  explicit QueryFeatures(std::string_view text) noexcept;
  std::span<const SparseFeature> all() const noexcept { return {features_.data(), count_}; }
  // Words of the whole text, counted up to the first 100,000 bytes.
  std::size_t words() const noexcept { return words_; }
  // No word of it has two letters, and none is a number: nothing can be told from it.
  bool says_nothing() const noexcept { return !speaks_; }

 private:
  void add(std::uint64_t hash, float value) noexcept;
  void add_word(std::string_view word, bool with_pieces) noexcept;
  void add_words(std::string_view text) noexcept;
  void add_shape(std::string_view text) noexcept;
  void note_senses(std::string_view word) noexcept;
  void add_senses() noexcept;

  static constexpr std::size_t kMost = 2048;
  std::array<SparseFeature, kMost> features_;
  std::size_t count_ = 0, words_ = 0;
  std::uint64_t before_ = 0;                        // the word before
  std::array<std::uint8_t, kSenseCount> senses_{};  // words of each sense
  bool speaks_ = false;
  bool points_at_media_ = false;        // "the attached picture", "this photo"
  std::uint8_t since_pointing_ = 0xff;  // words since one that points
};

}  // namespace orchestra
