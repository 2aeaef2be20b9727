// The labelled queries: models/classifier/queries/*.txt.
//
// A file per type. A line "## name" begins a family: questions that are about one thing, or say one thing in several
// ways. Every other line is the complexity (1 simple to 4 expert), a space and the query. Families are never divided
// between what is trained on and what is tested on.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "domain/query_class.h"

namespace orchestra {

struct LabelledQuery {
  QueryType type = QueryType::kSimple;
  Complexity complexity = Complexity::kSimple;
  std::string family, text;
};

// All of them, in the order of the files. kInvalid names file and line: no label, a repeated query or family.
Result<std::vector<LabelledQuery>> read_queries(const std::string& folder);

// Which of `folds` parts a family belongs to; a hash of its name.
int fold_of(const std::string& family, int folds);

}  // namespace orchestra
