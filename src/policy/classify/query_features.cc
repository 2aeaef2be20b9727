#include "policy/classify/query_features.h"
#include "base/ascii.h"
#include "base/hash.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace orchestra {
namespace {

constexpr std::size_t kLongest = 100'000, kHeadWords = 160, kTailWords = 64, kWordsWithPieces = 48;
constexpr std::size_t kFewest = 16;  // features of words that a text has to have to count in full
constexpr std::size_t kPiece = 4, kShortestWithPieces = 4, kLongestWord = 24;
constexpr float kShapeValue = 0.4F, kSenseValue = 0.7F;

// What a hash stands for.
enum class Kind : std::uint64_t { kWord = 1, kPair, kPiece, kShape, kFirst };

std::uint64_t hash_of(Kind kind, std::string_view text) noexcept {
  std::uint64_t hash = fnv1a(static_cast<unsigned char>(kind), kFnvStart);
  for (const char c : text) hash = fnv1a(static_cast<unsigned char>(ascii_lower(c)), hash);
  return hash;
}

constexpr bool is_word_byte(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z');
}

// The next word of `text`, which is cut off behind it; empty at the end.
std::string_view next_word(std::string_view& text) noexcept {
  const auto begin = std::ranges::find_if(text, is_word_byte);
  const auto end = std::find_if_not(begin, text.end(), is_word_byte);
  const std::string_view word(begin, end);
  text = std::string_view(end, text.end());
  return word;
}

// Where the last words of `text` begin.
std::size_t tail_of(std::string_view text, std::size_t words) noexcept {
  std::size_t at = text.size();
  for (std::size_t word = 0; word < words && at > 0; ++word) {
    while (at > 0 && !is_word_byte(text[at - 1])) --at;
    while (at > 0 && is_word_byte(text[at - 1])) --at;
  }
  return at;
}

bool has_camel_case(std::string_view text) noexcept {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  for (std::size_t i = 2; i + 1 < text.size(); ++i) {
    if (lower(text[i - 2]) && lower(text[i - 1]) && upper(text[i]) && lower(text[i + 1])) return true;
  }
  return false;
}

}  // namespace

QueryFeatures::QueryFeatures(std::string_view text) noexcept {
  text = text.substr(0, kLongest);
  add_words(text);
  const float scale = 1.0F / std::sqrt(static_cast<float>(std::max(count_, kFewest)));
  for (std::size_t i = 0; i < count_; ++i) features_[i].value = scale;
  add_shape(text);
  add_senses();
  std::string_view rest = text;
  add(hash_of(Kind::kFirst, next_word(rest)), kShapeValue);
}

void QueryFeatures::add(std::uint64_t hash, float value) noexcept {
  if (count_ == kMost) return;
  // The high bits are the well-mixed ones.
  features_[count_++] = {static_cast<std::uint32_t>((hash ^ (hash >> 29U)) * 0x9e3779b97f4a7c15ULL >> 49U), value};
}

void QueryFeatures::add_word(std::string_view word, bool with_pieces) noexcept {
  const std::uint64_t hash = hash_of(Kind::kWord, word);
  add(hash, 1);
  if (before_ != 0) add((before_ ^ std::rotl(hash, 17)) * static_cast<std::uint64_t>(Kind::kPair), 1);
  before_ = hash;
  note_senses(word);
  if (!with_pieces || word.size() < kShortestWithPieces || word.size() > kLongestWord) return;
  std::array<char, kLongestWord + 2> marked{};
  marked[0] = '<';
  std::ranges::copy(word, marked.begin() + 1);
  marked[word.size() + 1] = '>';
  const std::string_view whole(marked.data(), word.size() + 2);
  for (std::size_t i = 0; i + kPiece <= whole.size(); ++i) add(hash_of(Kind::kPiece, whole.substr(i, kPiece)), 1);
}

void QueryFeatures::note_senses(std::string_view word) noexcept {
  std::array<char, kLongestWord> lowered{};
  if (word.size() > lowered.size()) return;
  std::ranges::transform(word, lowered.begin(), ascii_lower);
  const std::string_view low(lowered.data(), word.size());
  const WordSenses senses = senses_of(low);
  for (std::size_t i = 0; i < kSenseCount; ++i) {
    if ((senses >> i & 1U) != 0 && senses_[i] < 0xff) ++senses_[i];
  }
  const bool points = (senses & kPointingWord) != 0 || low == "this" || low == "these" || low == "my" || low == "the";
  if ((senses & kMediaWord) != 0 && since_pointing_ <= 2) points_at_media_ = true;
  since_pointing_ = points ? 0 : static_cast<std::uint8_t>(std::min(since_pointing_ + 1, 0xff));
}

void QueryFeatures::add_senses() noexcept {
  static constexpr std::array<std::array<std::string_view, 4>, kSenseCount> kCounts{{{"t0", "t1", "t2", "t3"},
                                                                                     {"p0", "p1", "p2", "p3"},
                                                                                     {"m0", "m1", "m2", "m3"},
                                                                                     {"a0", "a1", "a2", "a3"},
                                                                                     {"d0", "d1", "d2", "d3"},
                                                                                     {"r0", "r1", "r2", "r3"}}};
  for (std::size_t i = 0; i < kSenseCount; ++i) {
    add(hash_of(Kind::kShape, kCounts[i][std::min<std::size_t>(senses_[i], 3)]), kSenseValue);
  }
  if (points_at_media_) add(hash_of(Kind::kShape, "points at media"), kSenseValue);
  const bool technical = senses_[0] > 0, media = senses_[2] > 0, research = senses_[5] > 0;
  if (media && technical) add(hash_of(Kind::kShape, "technical media"), kSenseValue);
  if (media && senses_[4] > 0) add(hash_of(Kind::kShape, "made media"), kSenseValue);
  if (research && technical) add(hash_of(Kind::kShape, "technical research"), kSenseValue);
}

void QueryFeatures::add_words(std::string_view text) noexcept {
  std::string_view rest = text;
  std::size_t used = 0;
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    ++words_;
    speaks_ = speaks_ || word.size() > 1 || (word.front() >= '0' && word.front() <= '9');
    if (used < kHeadWords) add_word(word, used++ < kWordsWithPieces);
  }
  if (words_ <= kHeadWords) return;
  before_ = 0;
  rest = text.substr(tail_of(text, std::min(kTailWords, words_ - kHeadWords)));
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) add_word(word, false);
}

void QueryFeatures::add_shape(std::string_view text) noexcept {
  const auto shape = [this](std::string_view name) { add(hash_of(Kind::kShape, name), kShapeValue); };
  static constexpr std::array<std::string_view, 9> kLengths{"w0", "w1", "w2", "w4", "w8", "w16", "w32", "w64", "w128"};
  shape(kLengths[std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(words_)), kLengths.size() - 1)]);
  const auto count = [text](char c) { return std::ranges::count(text, c); };
  if (text.ends_with('?')) shape("asks");
  if (count('?') > 1) shape("asks twice");
  if (count('\n') > 1) shape("lines");
  if (text.contains("```")) shape("fence");
  if (text.contains("http://") || text.contains("https://")) shape("link");
  if (count('(') > 0 && count(')') > 0 && (count(';') > 0 || count('=') > 0 || count('{') > 0)) shape("code");
  if (count('_') > 0) shape("snake");
  static constexpr std::array<std::string_view, 12> kCodeMarks{"::", "->", "==", "!=",  "()", "&&",
                                                               "||", "/*", "$(", "O(n", "+=", "`"};
  const auto marks = std::ranges::count_if(kCodeMarks, [text](std::string_view mark) { return text.contains(mark); });
  if (marks > 0) shape("code mark");
  if (marks > 1) shape("code marks");
  if (has_camel_case(text)) shape("camel");
  if (std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; })) shape("digits");
  if (count(',') > 2) shape("list");
}

}  // namespace orchestra
