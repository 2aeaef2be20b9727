// Rows by provider and name pattern, found without a look at every row.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace orchestra {

// A pattern is a name, or ends in '*' and matches by prefix. Letters of either case are equal. An exact name goes
// before a prefix, a longer prefix before a shorter one, the first of equals before the later ones.
class PatternIndex {
 public:
  void add(std::string_view provider, std::string_view pattern, std::size_t row);
  // Whether it has a row of that provider.
  bool lists(std::string_view provider) const { return tables_.contains(provider); }
  // One hash look-up for the name, and one for each length that prefixes of that provider have.
  std::optional<std::size_t> find(std::string_view provider, std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Rows = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;
  struct Table {
    Rows exact, prefixes;
    std::vector<std::size_t> lengths;  // of the prefixes, longest first
  };
  std::map<std::string, Table, std::less<>> tables_;
};

}  // namespace orchestra
