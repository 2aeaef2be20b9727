#include "query_set.h"
#include "base/hash.h"

#include <fmt/format.h>

#include <fstream>
#include <set>

namespace orchestra {
namespace {

struct Seen {
  std::set<std::string> families, texts;
};

std::unexpected<Error> wrong(std::string_view type, int line, std::string_view what) {
  return fail(Fault::kInvalid, fmt::format("queries/{}.txt:{}: {}", type, line, what));
}

Result<void> read_file(const std::string& folder, QueryType type, Seen& seen, std::vector<LabelledQuery>& out) {
  const std::string_view name = query_type_name(type);
  std::ifstream in(fmt::format("{}/queries/{}.txt", folder, name));
  if (!in) return wrong(name, 0, "this file cannot be read.");
  std::string family;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    if (line.starts_with("## ")) {
      family = fmt::format("{}/{}", name, line.substr(3));
      if (!seen.families.insert(family).second) return wrong(name, number, "this family stands here twice.");
      continue;
    }
    if (family.empty() || line.size() < 3 || line[0] < '1' || line[0] > '4' || line[1] != ' ') {
      return wrong(name, number, "a query is a complexity from 1 to 4, a space and a text, below a family.");
    }
    LabelledQuery query{
        .type = type, .complexity = static_cast<Complexity>(line[0] - '1'), .family = family, .text = line.substr(2)};
    if (!seen.texts.insert(query.text).second) return wrong(name, number, "this query stands here twice.");
    out.push_back(std::move(query));
  }
  return {};
}

}  // namespace

Result<std::vector<LabelledQuery>> read_queries(const std::string& folder) {
  std::vector<LabelledQuery> queries;
  Seen seen;
  for (std::size_t type = 0; type < kQueryTypeNames.size(); ++type) {
    TRY_VOID(read_file(folder, static_cast<QueryType>(type), seen, queries));
  }
  return queries;
}

int fold_of(const std::string& family, int folds) {
  return static_cast<int>((fnv1a(family) >> 32U) % static_cast<std::uint64_t>(folds));
}

}  // namespace orchestra
