// The writing side of the ledger's database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/request_rows.h"
#include "store/spend_join.h"
#include "store/sqlite.h"
#include "store/usage_hours.h"

namespace orchestra {

// Owned by the journal thread; used by one thread at a time.
class LedgerTables {
 public:
  // Opens or makes the database and brings its schema up to date.
  static Result<std::unique_ptr<LedgerTables>> open(const std::string& path);

  // Fills the join with what the database knows: names, boots, and requests that were open.
  Result<void> load(SpendJoin& join);
  // Books the join's batch in one transaction: each row at most once for ever, however often it is offered. Returns the
  // number of rows that were new. After an error nothing of it was booked, and it can be tried again.
  Result<std::int64_t> book(const SpendJoin& join);
  // See Database::checkpoint.
  Result<bool> checkpoint() noexcept { return database_.checkpoint(); }
  std::int64_t wal_pages() const noexcept { return database_.wal_pages(); }

 private:
  explicit LedgerTables(Database database, UsageHours hours) noexcept
      : database_(std::move(database)), hours_(std::move(hours)) {}
  Result<void> prepare();
  // New rows go in groups. A group that holds rows booked before (only a replay has such) gives nothing and must be
  // rolled back: single inserts tell which rows are new.
  enum class Pace : std::uint8_t { kGroups, kSingly };
  Result<std::optional<std::int64_t>> book_in_transaction(const SpendJoin& join, Pace pace);
  Result<std::optional<std::int64_t>> insert_rows(const std::vector<BookedRow>& rows, Pace pace);
  // What belongs to a row besides its own table.
  Result<void> complete(const BookedRow& row, bool is_new);
  Result<void> save_names(Statement& insert, const Names& names);
  Result<void> save_open(const OpenRow& row);
  Result<void> run_keyed(Statement& statement, const RecordKey& key);

  Database database_;
  UsageHours hours_;
  RequestRows rows_;
  Statement insert_attempts_, insert_body_, insert_name_, insert_boot_, insert_open_, delete_open_;
  std::vector<const BookedRow*> sorted_;  // room that is kept between batches
};

}  // namespace orchestra
