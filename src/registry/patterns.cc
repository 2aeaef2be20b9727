#include "registry/patterns.h"
#include "base/ascii.h"

#include <algorithm>

namespace orchestra {
void PatternIndex::add(std::string_view provider, std::string_view pattern, std::size_t row) {
  Table& table = tables_[std::string(provider)];
  if (!pattern.ends_with('*')) {
    table.exact.emplace(ascii_lowered(pattern), row);
    return;
  }
  pattern.remove_suffix(1);
  table.prefixes.emplace(ascii_lowered(pattern), row);
  const auto at = std::ranges::lower_bound(table.lengths, pattern.size(), std::greater());
  if (at == table.lengths.end() || *at != pattern.size()) table.lengths.insert(at, pattern.size());
}

std::optional<std::size_t> PatternIndex::find(std::string_view provider, std::string_view name) const {
  const auto table = tables_.find(provider);
  if (table == tables_.end()) return std::nullopt;
  const std::string folded = ascii_lowered(name);
  const auto& [exact, prefixes, lengths] = table->second;
  if (const auto found = exact.find(folded); found != exact.end()) return found->second;
  for (const std::size_t length : lengths) {
    if (length > folded.size()) continue;
    const auto found = prefixes.find(std::string_view(folded).substr(0, length));
    if (found != prefixes.end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace orchestra
