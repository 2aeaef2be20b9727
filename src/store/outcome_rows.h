// Outcomes of queries as rows of registry.db.
#pragma once

#include <vector>

#include "ports/registry_store.h"
#include "store/sqlite.h"

namespace orchestra {

// Within a transaction of the caller's.
Result<void> write_outcomes(Database& database, const OutcomeChanges& changes);
Result<std::vector<QueryOutcome>> read_outcomes(Database& database);

}  // namespace orchestra
