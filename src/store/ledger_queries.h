// The reading side of the ledger's database, synchronous. One connection, one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "ports/store.h"
#include "store/sqlite.h"

namespace orchestra {

class LedgerQueries {
 public:
  static Result<std::unique_ptr<LedgerQueries>> open(const std::string& path);

  Result<std::optional<StoredRequest>> request(RequestId id);
  // Whole hours come from their sums, the two edges from the rows.
  Result<UsageReport> usage(const UsageQuery& query);
  Result<RequestPage> read(const RequestSpan& span, const TakeRequest& take);

 private:
  explicit LedgerQueries(Database database) noexcept : database_(std::move(database)) {}
  Result<void> prepare();
  Result<std::string> name(std::int64_t number);
  // A row of kRequestColumns, without attempts and decision; what is read of it, is copied.
  Result<StoredRequest> stored_request(const Statement& row);
  Result<void> add_hours(UsageGrouping& grouping, std::int64_t from_hour, std::int64_t to_hour);
  Result<void> add_rows(UsageGrouping& grouping, WallTime from, WallTime to);

  Database database_;
  Statement request_, attempts_, body_, name_, hours_, rows_, span_;
  std::unordered_map<std::int64_t, std::string> names_;  // never change once they exist
};

}  // namespace orchestra
