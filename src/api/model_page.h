// One page of the models that a query asks for (CONTRACTS 3.1). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/model.h"

namespace orchestra {

struct ModelQuery {
  std::int64_t page = 1, page_size = 20;  // from 1; 1 to 100
  std::string provider;                   // lower case; empty: all
  std::string capability, status;         // words of api/model_words.h
  std::string search;                     // lower case; part of the id, the name or the description
};

// Of a URL's query. kUnprocessable with the parameter's name and what is allowed.
Result<ModelQuery> parse_model_query(std::string_view query);
// A query that asks for README 002's page, whatever the slash: it names one of its parameters.
bool asks_for_page(std::string_view query);

struct ModelPage {
  std::vector<std::size_t> models;  // indexes into the catalogue, in its order
  std::int64_t total = 0;           // over all pages
};
// Looks at every model once; 10,000 take a few milliseconds with a search, less without (bench/registry).
ModelPage find_page(const Catalogue& catalogue, const ModelQuery& query);

}  // namespace orchestra
