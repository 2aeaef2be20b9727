// The catalogue: every model there is, merged from what providers list, what lies in the model folder and what
// configuration says. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/model.h"

namespace orchestra {

// A price row: `pattern` is a model name of that provider, or ends in '*' and matches by prefix.
struct PriceRow {
  std::string provider, pattern;
  Price price;
};

struct CatalogueParts {
  std::map<std::string, std::vector<Model>, std::less<>> by_provider;  // "local" among them
  std::vector<Alias> aliases;
  std::vector<PriceRow> prices;
};

// Prices are set by the longest matching row; local models cost nothing.
Catalogue build_catalogue(const CatalogueParts& parts, std::int64_t version);

}  // namespace orchestra
