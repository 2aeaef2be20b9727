#include "store/sqlite_registry.h"

#include <fmt/format.h>

#include <cstring>

#include "store/migrations.h"
#include "store/on_pool.h"
#include "store/outcome_rows.h"
#include "store/record_json.h"

namespace orchestra {
namespace {

constexpr std::string_view kFile = "registry.db";

std::unexpected<Error> unreadable(const Error& error) {
  return fail(Fault::kUnavailable,
              fmt::format("The registry of models cannot be read. {} Repair {} in the data folder, or move it away to "
                          "start with an empty one: registered models and measured figures are in it, requests and "
                          "spend are not.",
                          error.what, kFile));
}

std::string measures_to_blob(const PerformanceCell& cell) {
  std::string blob(sizeof cell.measures, '\0');
  std::memcpy(blob.data(), cell.measures.data(), blob.size());
  return blob;
}

// Of an older version a measure may be missing: it has no samples then.
PerformanceCell cell_from(std::int64_t at, std::string_view blob) {
  PerformanceCell cell{.at = WallTime(Micros(at)), .measures = {}};
  std::memcpy(cell.measures.data(), blob.data(), std::min(blob.size(), sizeof cell.measures));
  return cell;
}

Result<void> read_records(Database& database, RegistryContents& contents) {
  TRY(auto query, database.prepare("SELECT body FROM models ORDER BY id"));
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return {};
    TRY(auto record, record_from_json(query.text(0)));
    contents.records.push_back(std::move(record));
  }
}

Result<void> read_performance(Database& database, RegistryContents& contents) {
  TRY(auto query, database.prepare("SELECT subject, key, at, measures FROM performance"));
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return {};
    contents.performance.push_back({.subject = std::string(query.text(0)),
                                    .key = static_cast<CellKey>(query.integer(1)),
                                    .cell = cell_from(query.integer(2), query.blob(3))});
  }
}

// One transaction, and then the disk.
template <class Write>
Result<void> write_durably(Database& database, Write write) {
  TRY(auto transaction, Transaction::begin(database));
  TRY_VOID(write());
  TRY_VOID(transaction.commit());
  TRY([[maybe_unused]] const bool all, database.checkpoint());
  return {};
}

Result<void> write_records(Database& database, const std::vector<ModelRecord>& records,
                           const std::vector<ModelId>& removed) {
  TRY(auto insert, database.prepare("INSERT OR REPLACE INTO models VALUES (?, ?)"));
  for (const ModelRecord& record : records) {
    const std::string body = record_to_json(record);
    insert.bind_text(1, record.id.text);
    insert.bind_text(2, body);
    TRY_VOID(insert.run());
  }
  TRY(auto erase, database.prepare("DELETE FROM models WHERE id = ?"));
  for (const ModelId& id : removed) {
    erase.bind_text(1, id.text);
    TRY_VOID(erase.run());
  }
  return {};
}

Result<void> write_performance(Database& database, const std::vector<PerformanceRow>& rows,
                               const std::vector<std::string>& forgotten) {
  TRY(auto erase, database.prepare("DELETE FROM performance WHERE subject = ?"));
  for (const std::string& subject : forgotten) {
    erase.bind_text(1, subject);
    TRY_VOID(erase.run());
  }
  TRY(auto insert, database.prepare("INSERT OR REPLACE INTO performance VALUES (?, ?, ?, ?)"));
  for (const PerformanceRow& row : rows) {
    const std::string blob = measures_to_blob(row.cell);
    insert.bind_text(1, row.subject);
    insert.bind(2, row.key);
    insert.bind(3, row.cell.at.time_since_epoch().count());
    insert.bind_blob(4, blob);
    TRY_VOID(insert.run());
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<SqliteRegistry>> SqliteRegistry::open(const std::string& folder) {
  auto database = Database::open(fmt::format("{}/{}", folder, kFile), Database::Access::kReadWrite);
  if (!database) return unreadable(database.error());
  if (const auto migrated = migrate(*database, registry_migrations()); !migrated) return unreadable(migrated.error());
  return std::unique_ptr<SqliteRegistry>(new SqliteRegistry(std::move(*database)));
}

SqliteRegistry::~SqliteRegistry() {
  thread_.join();
}

Result<RegistryContents> SqliteRegistry::load() {
  RegistryContents contents;
  if (const auto read = read_records(database_, contents); !read) return unreadable(read.error());
  if (const auto read = read_performance(database_, contents); !read) return unreadable(read.error());
  return contents;
}

Task<void> SqliteRegistry::save(std::vector<ModelRecord> records, std::vector<ModelId> removed) {
  return on_pool<void>(thread_, [this, records = std::move(records), removed = std::move(removed)] {
    return write_durably(database_, [&] { return write_records(database_, records, removed); });
  });
}

Task<void> SqliteRegistry::save_performance(std::vector<PerformanceRow> rows, std::vector<std::string> forgotten) {
  return on_pool<void>(thread_, [this, rows = std::move(rows), forgotten = std::move(forgotten)] {
    return write_durably(database_, [&] { return write_performance(database_, rows, forgotten); });
  });
}

Task<void> SqliteRegistry::save_outcomes(OutcomeChanges changes) {
  return on_pool<void>(thread_, [this, changes = std::move(changes)] {
    return write_durably(database_, [&] { return write_outcomes(database_, changes); });
  });
}

Task<std::vector<QueryOutcome>> SqliteRegistry::outcomes() {
  return on_pool<std::vector<QueryOutcome>>(thread_, [this] { return read_outcomes(database_); });
}

}  // namespace orchestra
