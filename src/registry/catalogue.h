// The catalogue: every model there is, put together from what providers list, what lies in the model folder, what is
// publicly known and what was registered. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/known_model.h"
#include "domain/model.h"
#include "registry/records.h"

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
  std::vector<KnownModel> known;
  RecordsPtr records;                                  // null: none
  std::map<std::string, Dialect, std::less<>> set_up;  // the remote providers that can be asked
};

// For every fact, what was registered goes before what is known, and that before what was discovered; but the window
// that a service states of its own, and all that a local file's header says, go before what is publicly known. Known
// rows are found by the name, else by the part behind its last slash. Prices are set by the best row; local models cost
// nothing. A registered model whose provider is not set up, or whose file is missing, is not offered. A name that says
// "preview", "beta" or "-exp" is a beta unless somebody says otherwise.
//
// Names are matched through an index: 10,000 models take some milliseconds (bench/registry).
Catalogue build_catalogue(const CatalogueParts& parts, std::int64_t version);

}  // namespace orchestra
