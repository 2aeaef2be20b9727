// What the journals of earlier runs still hold, brought into the database at start.
#pragma once

#include <string>

#include "store/ledger_tables.h"
#include "store/spend_join.h"
#include "store/spend_ledger.h"

namespace orchestra {

// Reads every segment in the folder, books what was settled, books what was only opened at its reservation as
// interrupted, and deletes the segments once that is safe. Doing it again after any interruption changes nothing.
// Damaged bytes are reported in the log and skipped; a segment whose head is damaged is kept under another name.
Result<ReplayReport> replay(const std::string& folder, LedgerTables& tables, SpendJoin& join);

}  // namespace orchestra
