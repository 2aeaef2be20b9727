// Variations of a question, so that the model learns what is asked and not one way to type it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "corpus.h"
#include "tokenizer.h"

namespace demo {

// Phrases that may stand for one another in a question. `synonyms.txt` has one group per line, separated by commas;
// `#` starts a comment.
class Synonyms {
 public:
  static Result<Synonyms> read(const std::filesystem::path& file);

  // The question in which each phrase of a group is replaced, with the given chance, by another one of its group.
  std::string replace(std::string_view question, double chance, Rng& rng) const;

 private:
  std::vector<std::vector<std::string>> groups_;
};

struct Variation {
  double keep = 0.15;         // chance that the wording stays as it is
  double courtesy = 0.2;      // a phrase such as "please" before or after it
  double drop_filler = 0.35;  // per word that carries little meaning
  double drop_other = 0.16;   // per other word, never the only one
  double synonym = 0.3;       // per phrase that has one
  double misspell = 0.1;      // per question: one letter is lost, doubled or swapped
  double shuffle = 0.05;      // per question: two neighbouring words change places
  double no_mark = 0.4;       // the question mark is left out
};

// The first words of one question and the last words of another, about half of each.
std::string crossed(std::string_view first, std::string_view second, Rng& rng);

std::string vary(std::string_view question, const Synonyms& synonyms, const Variation& chances, Rng& rng);

}  // namespace demo
