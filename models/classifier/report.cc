#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace orchestra {

Report report(std::span<const std::pair<ClassScores, std::uint8_t>> scored, float temperature) {
  struct Bin {
    int count = 0, right = 0;
    double confidence = 0;
  };
  std::array<Bin, 10> bins{};
  Report out;
  int right = 0;
  for (const auto& [scores, label] : scored) {
    const ClassScores probabilities = softmax(scores, temperature);
    const auto most = std::ranges::max_element(probabilities);
    const auto answer = static_cast<std::size_t>(most - probabilities.begin());
    ++out.confusion[label][answer];
    Bin& bin = bins[std::min<std::size_t>(static_cast<std::size_t>(*most * 10), 9)];
    ++bin.count;
    bin.confidence += static_cast<double>(*most);
    if (answer != label) continue;
    ++bin.right;
    ++right;
  }
  const auto all = static_cast<double>(std::max<std::size_t>(scored.size(), 1));
  out.accuracy = right / all;
  for (const Bin& bin : bins) out.calibration += std::abs(bin.confidence - bin.right) / all;
  return out;
}

std::string table(const Report& report, std::span<const std::string_view> names) {
  std::string text = "| is \\ said |";
  for (const auto name : names) text += fmt::format(" {} |", name);
  text += " recall |\n|---|";
  for (std::size_t i = 0; i <= names.size(); ++i) text += "---|";
  text += "\n";
  for (std::size_t label = 0; label < names.size(); ++label) {
    int sum = 0;
    text += fmt::format("| {} |", names[label]);
    for (const int count : report.confusion[label]) {
      sum += count;
      text += fmt::format(" {} |", count);
    }
    text += fmt::format(" {:.1f} % |\n", 100.0 * report.confusion[label][label] / std::max(sum, 1));
  }
  return text;
}

}  // namespace orchestra
