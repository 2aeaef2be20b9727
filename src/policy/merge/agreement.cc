#include "policy/merge/agreement.h"

#include <algorithm>

#include "base/ascii.h"

namespace orchestra {
namespace {

constexpr std::size_t kMostWords = 2000;
constexpr std::string_view kWhiteSpace = " \t\r\n";
constexpr std::string_view kAround = " \"'`*_.!";

bool belongs_to_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Sorted; views into `plain`.
std::vector<std::string_view> sorted_words(std::string_view plain) {
  std::vector<std::string_view> words;
  while (!plain.empty() && words.size() < kMostWords) {
    const auto word = plain.substr(0, plain.find(' '));
    words.push_back(word);
    plain.remove_prefix(std::min(plain.size(), word.size() + 1));
  }
  std::ranges::sort(words);
  return words;
}

double dice(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  if (a.empty() && b.empty()) return 1;
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++common, ++i, ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  return 2.0 * static_cast<double>(common) / static_cast<double>(a.size() + b.size());
}

}  // namespace

std::string answer_key(std::string_view text) {
  std::string key;
  for (const char given : text) {
    if (!kWhiteSpace.contains(given)) {
      key += ascii_lower(given);
    } else if (!key.empty() && key.back() != ' ') {
      key += ' ';
    }
  }
  const auto first = key.find_first_not_of(kAround);
  // Nothing but marks: then the marks are the answer.
  if (first == std::string::npos) return key;
  return key.substr(first, key.find_last_not_of(kAround) - first + 1);
}

std::string plain_words(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (const char given : text) {
    const char c = ascii_lower(given);
    if (belongs_to_word(c)) {
      plain += c;
    } else if (!plain.empty() && plain.back() != ' ') {
      plain += ' ';
    }
  }
  if (plain.ends_with(' ')) plain.pop_back();
  return plain;
}

double similarity(std::string_view a, std::string_view b) {
  const std::string first = plain_words(a), second = plain_words(b);
  return dice(sorted_words(first), sorted_words(second));
}

std::vector<double> agreement(std::span<const MemberAnswer> answers) {
  if (answers.size() < 2) return {};
  std::vector<std::string> plain;
  plain.reserve(answers.size());  // the words are views into them
  std::vector<std::vector<std::string_view>> words;
  for (const MemberAnswer& answer : answers) {
    words.push_back(sorted_words(plain.emplace_back(plain_words(answer.text))));
  }
  std::vector<double> means(answers.size(), 0.0);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (std::size_t j = i + 1; j < answers.size(); ++j) {
      const double alike = dice(words[i], words[j]);
      means[i] += alike;
      means[j] += alike;
    }
  }
  for (double& mean : means) mean /= static_cast<double>(answers.size() - 1);
  return means;
}

std::vector<std::optional<double>> confidences(std::span<const MemberAnswer> answers) {
  std::vector<std::optional<double>> known(answers.size());
  if (std::ranges::all_of(answers, [](const MemberAnswer& one) { return one.confidence.has_value(); })) {
    std::ranges::transform(answers, known.begin(), &MemberAnswer::confidence);
  } else {
    std::ranges::copy(agreement(answers), known.begin());
  }
  return known;
}

Merged picked(std::span<const MemberAnswer> answers, std::size_t winner) {
  return {.text = std::string(answers[winner].text), .winner = winner, .confidence = confidences(answers)[winner]};
}

}  // namespace orchestra
