#include "policy/nearest.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace orchestra {
namespace {

// Longer words are nobody's typing mistake.
constexpr std::size_t kLongest = 128;

bool same(char a, char b) noexcept {
  return ascii_lower(a) == ascii_lower(b);
}

bool contains(std::string_view text, std::string_view part) noexcept {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > limit || a.size() > kLongest || b.size() > kLongest) return limit + 1;
  std::array<std::array<std::size_t, kLongest + 1>, 3> rows{};  // the last three of the table
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

std::vector<std::string> nearest_names(std::string_view asked, std::span<const std::string_view> known,
                                       std::size_t count) {
  struct Hit {
    std::size_t distance;
    std::string_view name;
    auto operator<=>(const Hit&) const = default;
  };
  const std::size_t limit = std::max<std::size_t>(2, asked.size() / 3);
  std::vector<Hit> hits;
  for (const auto name : known) {
    const std::size_t distance = edit_distance(asked, name, limit);
    if (distance <= limit) {
      hits.push_back({distance, name});
    } else if (asked.size() >= 3 && contains(name, asked)) {
      hits.push_back({limit + 1, name});
    }
  }
  std::ranges::sort(hits);
  std::vector<std::string> names;
  for (const auto& hit : hits) {
    if (names.size() == count) break;
    if (std::ranges::find(names, hit.name) == names.end()) names.emplace_back(hit.name);
  }
  return names;
}

}  // namespace orchestra
