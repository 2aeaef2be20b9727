#include "settings/problem.h"
#include "base/ascii.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace orchestra::settings {

std::string text(const Problem& problem) {
  std::string out = problem.file;
  if (problem.line > 0) out += fmt::format(":{}", problem.line);
  if (problem.column > 0) out += fmt::format(":{}", problem.column);
  if (!out.empty()) out += ": ";
  if (!problem.key.empty()) out += problem.key + ": ";
  out += problem.what;
  if (!problem.nearest.empty()) out += fmt::format(" Did you mean '{}'?", problem.nearest);
  if (!problem.allowed.empty()) out += fmt::format(" Allowed: {}.", fmt::join(problem.allowed, ", "));
  return out;
}

std::string text(const Problems& problems) {
  std::string out;
  for (const Problem& problem : problems) out += (out.empty() ? "" : "\n") + text(problem);
  return out;
}

namespace {

// The optimal string alignment distance: Levenshtein plus swaps of neighbours, which are the commonest slip.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::string wanted = ascii_lowered(word.substr(0, 64));
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t found = distance(wanted, ascii_lowered(candidate));
    // A short word is within two edits of anything: it must share more than it changes.
    if (found < best_distance && found < candidate.size()) {
      best_distance = found;
      best = candidate;
    }
  }
  return best;
}

}  // namespace orchestra::settings
