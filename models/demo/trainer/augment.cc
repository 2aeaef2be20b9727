#include "augment.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

namespace demo {
namespace {

constexpr std::array<std::string_view, 34> kFillers = {
    "a",    "an",  "the", "is",   "are", "do",   "does", "did", "can", "could", "i",  "you",
    "it",   "its", "my",  "me",   "of",  "to",   "in",   "on",  "for", "with",  "by", "be",
    "will", "so",  "and", "that", "at",  "this", "then", "was", "if",  "should"};

constexpr std::array<std::string_view, 12> kBefore = {
    "please ",          "hello, ",    "hi, ",         "hey, ", "can you tell me ", "tell me ", "i wonder, ",
    "quick question: ", "one more: ", "do you know ", "so, ",  "explain: "};

constexpr std::array<std::string_view, 6> kAfter = {" please",  " thanks",          " thank you",
                                                    " exactly", " in ai orchestra", " with ai orchestra"};

bool happens(double chance, Rng& rng) {
  return std::bernoulli_distribution(chance)(rng);
}

std::size_t below(std::size_t bound, Rng& rng) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(rng);
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

void drop_words(std::vector<std::string>& words, const Variation& chances, Rng& rng) {
  std::vector<std::string> kept;
  for (const auto& word : words) {
    const bool filler = std::ranges::find(kFillers, word) != kFillers.end();
    if (!happens(filler ? chances.drop_filler : chances.drop_other, rng)) kept.push_back(word);
  }
  if (kept.size() > 1) words = std::move(kept);
}

void misspell_one(std::vector<std::string>& words, Rng& rng) {
  std::string& word = words[below(words.size(), rng)];
  if (word.size() < 4) return;
  const std::size_t at = 1 + below(word.size() - 2, rng);
  switch (below(3, rng)) {
    case 0: word.erase(at, 1); break;
    case 1: word.insert(at, 1, word[at]); break;
    default: std::swap(word[at], word[at - 1]);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

Result<Synonyms> Synonyms::read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) return std::unexpected(file.string() + ": cannot be read");
  Synonyms synonyms;
  std::set<std::string> known;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream fields(line.substr(0, line.find('#')));
    std::vector<std::string> group;
    for (std::string field; std::getline(fields, field, ',');) {
      const auto phrase = joined(words_of(field));
      if (!known.insert(phrase).second)
        return std::unexpected(file.filename().string() + ": stands in two groups: " + phrase);
      group.push_back(phrase);
    }
    if (!group.empty()) synonyms.groups_.push_back(std::move(group));
  }
  return synonyms;
}

std::string Synonyms::replace(std::string_view question, double chance, Rng& rng) const {
  // Blanks at both ends make every word boundary a blank.
  std::string text = " " + std::string(question) + " ";
  for (const auto& group : groups_) {
    for (const auto& phrase : group) {
      const auto at = text.find(" " + phrase + " ");
      if (at == std::string::npos) continue;
      if (happens(chance, rng)) text.replace(at + 1, phrase.size(), group[below(group.size(), rng)]);
      break;
    }
  }
  return text.substr(1, text.size() - 2);
}

std::string crossed(std::string_view first, std::string_view second, Rng& rng) {
  auto head = words_of(first);
  const auto tail = words_of(second);
  head.resize((head.size() + below(2, rng)) / 2);
  const auto from = static_cast<std::ptrdiff_t>((tail.size() + below(2, rng)) / 2);
  head.insert(head.end(), tail.begin() + from, tail.end());
  // Of two questions of one word nothing may be left.
  return head.empty() ? std::string(first) : joined(head);
}

std::string vary(std::string_view question, const Synonyms& synonyms, const Variation& chances, Rng& rng) {
  std::string text = normalize_question(question);
  if (happens(chances.keep, rng)) return text;

  std::string mark;
  if (text.ends_with('?') || text.ends_with('.')) {
    mark = text.back();
    text.pop_back();
  }
  auto words = words_of(synonyms.replace(text, chances.synonym, rng));
  drop_words(words, chances, rng);
  if (happens(chances.shuffle, rng) && words.size() > 2) {
    const auto at = below(words.size() - 1, rng);
    std::swap(words[at], words[at + 1]);
  }
  if (happens(chances.misspell, rng)) misspell_one(words, rng);

  text = joined(words);
  if (happens(chances.courtesy, rng)) {
    if (happens(0.7, rng))
      text.insert(0, kBefore[below(kBefore.size(), rng)]);
    else
      text += kAfter[below(kAfter.size(), rng)];
  }
  if (!happens(chances.no_mark, rng)) text += mark;
  return text;
}

}  // namespace demo
