#include "tokenizer.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <utility>

namespace demo {
namespace {

constexpr std::string_view kBlank = "\xe2\x96\x81";
constexpr Token kFirstByte = 5;
// Characters stand below every merge, so that any merge is preferred to none.
constexpr float kCharacterScore = -1e6F;

using Symbols = std::vector<std::string>;
using Pair = std::pair<std::string, std::string>;

std::size_t character_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

Symbols characters(std::string_view text) {
  Symbols symbols;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      symbols.emplace_back(kBlank);
      ++at;
      continue;
    }
    const auto length = std::min(character_length(text[at]), text.size() - at);
    symbols.emplace_back(text.substr(at, length));
    at += length;
  }
  return symbols;
}

enum class Run : std::uint8_t { kBlankRun, kLetters, kDigits, kSigns };

Run run_of(const std::string& symbol) {
  if (symbol == kBlank) return Run::kBlankRun;
  const auto c = static_cast<unsigned char>(symbol.front());
  if (std::isdigit(c) != 0) return Run::kDigits;
  return std::isalpha(c) != 0 ? Run::kLetters : Run::kSigns;
}

// Cuts text into runs of one class, a blank joined to the run after it, and counts them.
void count_runs(std::string_view text, std::map<Symbols, int>& counts) {
  Symbols run;
  const auto finish = [&] {
    if (!run.empty()) ++counts[std::exchange(run, {})];
  };
  for (auto& symbol : characters(text)) {
    const Run kind = run_of(symbol);
    const bool after_blank = run.size() == 1 && run.front() == kBlank && kind != Run::kBlankRun;
    if (!run.empty() && !after_blank && run_of(run.back()) != kind) finish();
    run.push_back(std::move(symbol));
  }
  finish();
}

std::optional<Pair> most_frequent_pair(const std::map<Symbols, int>& runs) {
  std::map<Pair, int> counts;
  for (const auto& [run, count] : runs)
    for (std::size_t i = 1; i < run.size(); ++i) counts[{run[i - 1], run[i]}] += count;
  const std::pair<const Pair, int>* best = nullptr;
  for (const auto& entry : counts)
    if (best == nullptr || entry.second > best->second) best = &entry;
  if (best == nullptr || best->second < 2) return std::nullopt;
  return best->first;
}

std::map<Symbols, int> merged(const std::map<Symbols, int>& runs, const Pair& pair) {
  std::map<Symbols, int> result;
  for (const auto& [run, count] : runs) {
    Symbols joined;
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (i + 1 < run.size() && run[i] == pair.first && run[i + 1] == pair.second) {
        joined.push_back(run[i] + run[i + 1]);
        ++i;
      } else {
        joined.push_back(run[i]);
      }
    }
    result[std::move(joined)] += count;
  }
  return result;
}

}  // namespace

Tokenizer::Tokenizer() {
  add("<unk>", 0, PieceKind::kUnknown);
  add("<s>", 0, PieceKind::kControl);
  add("<|end|>", 0, PieceKind::kControl);
  add("<|user|>", 0, PieceKind::kControl);
  add("<|assistant|>", 0, PieceKind::kControl);
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::array<char, 8> name{};
    std::snprintf(name.data(), name.size(), "<0x%02X>", byte);
    add(name.data(), 0, PieceKind::kByte);
  }
  add(std::string(kBlank), kCharacterScore, PieceKind::kNormal);
  for (char c = '!'; c <= '~'; ++c) add(std::string(1, c), kCharacterScore, PieceKind::kNormal);
}

void Tokenizer::add(std::string text, float score, PieceKind kind) {
  if (kind == PieceKind::kNormal) ids_.emplace(text, static_cast<Token>(pieces_.size()));
  pieces_.push_back({.text = std::move(text), .score = score, .kind = kind});
}

Tokenizer Tokenizer::train(std::span<const std::string> texts, std::size_t max_pieces) {
  Tokenizer tokenizer;
  std::map<Symbols, int> runs;
  for (const auto& text : texts) count_runs(text, runs);
  for (float score = -1; tokenizer.size() < max_pieces; score -= 1) {
    const auto pair = most_frequent_pair(runs);
    if (!pair) break;
    runs = merged(runs, *pair);
    // Two different pairs can spell the same piece; the first, better-scored one stays.
    if (auto text = pair->first + pair->second; !tokenizer.ids_.contains(text))
      tokenizer.add(std::move(text), score, PieceKind::kNormal);
  }
  return tokenizer;
}

std::vector<Token> Tokenizer::encode(std::string_view text) const {
  return encode(text, 0, nullptr);
}

std::vector<Token> Tokenizer::encode(std::string_view text, float dropout, Rng& rng) const {
  return encode(text, dropout, &rng);
}

std::vector<Token> Tokenizer::encode(std::string_view text, float dropout, Rng* rng) const {
  Symbols symbols = characters(text);
  std::uniform_real_distribution<float> chance(0, 1);
  for (;;) {
    std::size_t best = symbols.size();
    float best_score = 0;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto found = ids_.find(symbols[i] + symbols[i + 1]);
      if (found == ids_.end()) continue;
      const float score = pieces_[static_cast<std::size_t>(found->second)].score;
      if (best != symbols.size() && score <= best_score) continue;
      if (rng != nullptr && chance(*rng) < dropout) continue;
      best = i;
      best_score = score;
    }
    if (best == symbols.size()) break;
    symbols[best] += symbols[best + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }

  std::vector<Token> tokens;
  for (const auto& symbol : symbols) {
    if (const auto found = ids_.find(symbol); found != ids_.end()) {
      tokens.push_back(found->second);
      continue;
    }
    for (const char c : symbol) tokens.push_back(kFirstByte + static_cast<unsigned char>(c));
  }
  return tokens;
}

}  // namespace demo
