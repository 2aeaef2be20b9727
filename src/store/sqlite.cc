#include "store/sqlite.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace orchestra {
namespace {

std::unexpected<Error> sql_error(sqlite3* database, int code) {
  if ((code & 0xFF) == SQLITE_FULL) {
    return fail(Fault::kUnavailable, "The database cannot grow: the disk is full. Free some space on it.");
  }
  const char* what = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  return fail(Fault::kUnavailable, fmt::format("The database failed: {} (SQLite code {}).", what, code));
}

// https://www.sqlite.org/c3ref/wal_hook.html
int note_wal_pages(void* pages, sqlite3*, const char*, int count) noexcept {
  *static_cast<std::int64_t*>(pages) = count;
  return SQLITE_OK;
}

// SQLite's memory statistics take a lock per allocation, and nobody reads them. Nor does a connection need room for 20
// pages from its start: the page cache takes one at a time
// (https://www.sqlite.org/c3ref/c_config_covering_index_scan.html).
void configure_once() noexcept {
  static const int configured =
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) | sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
  static_cast<void>(configured);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

void Statement::bind(int index, std::int64_t value) noexcept {
  sqlite3_bind_int64(statement_.get(), index, value);
}

void Statement::bind_text(int index, std::string_view text) noexcept {
  sqlite3_bind_text(statement_.get(), index, text.data() != nullptr ? text.data() : "", static_cast<int>(text.size()),
                    SQLITE_STATIC);
}

void Statement::bind_blob(int index, std::string_view bytes) noexcept {
  sqlite3_bind_blob(statement_.get(), index, bytes.data() != nullptr ? bytes.data() : "",
                    static_cast<int>(bytes.size()), SQLITE_STATIC);
}

void Statement::bind_null(int index) noexcept {
  sqlite3_bind_null(statement_.get(), index);
}

Result<bool> Statement::step() noexcept {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  auto error = sql_error(sqlite3_db_handle(statement_.get()), code);
  sqlite3_reset(statement_.get());
  return error;
}

Result<void> Statement::run() noexcept {
  TRY([[maybe_unused]] const bool row, step());
  sqlite3_reset(statement_.get());
  return {};
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_.get());
}

std::int64_t Statement::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const noexcept {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string_view Statement::blob(int column) const noexcept {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* database) const noexcept {
  sqlite3_close_v2(database);
}

Result<Database> Database::open(const std::string& path, Access access) {
  configure_once();
  // A new file is its owner's alone: it tells who asked what. SQLite gives its companions the same rights.
  if (access == Access::kReadWrite) ::close(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  Database result;
  sqlite3* raw = nullptr;
  // NOMUTEX: a connection is never shared between threads, so its locks would only cost.
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  result.database_.reset(raw);
  if (code != SQLITE_OK) return sql_error(raw, code);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 5000);
  if (access == Access::kReadWrite) {
    // Large pages: a table without rowid is rebalanced each time its last page is full.
    TRY_VOID(
        result.run("PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                   "PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864"));
    result.wal_pages_ = std::make_unique<std::int64_t>(0);
    sqlite3_wal_hook(raw, note_wal_pages, result.wal_pages_.get());
  }
  return result;
}

Result<void> Database::run(const std::string& sql) noexcept {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sql_error(database_.get(), code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) noexcept {
  Statement result;
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  result.statement_.reset(raw);
  if (code != SQLITE_OK) return sql_error(database_.get(), code);
  return result;
}

std::int64_t Database::changes() const noexcept {
  return sqlite3_changes64(database_.get());
}

std::int64_t Database::last_rowid() const noexcept {
  return sqlite3_last_insert_rowid(database_.get());
}

Result<bool> Database::checkpoint() noexcept {
  int in_wal = 0, moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
  if (code == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return sql_error(database_.get(), code);
  return in_wal == moved;
}

Result<Transaction> Transaction::begin(Database& database) noexcept {
  TRY_VOID(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Result<Transaction> Transaction::begin_reading(Database& database) noexcept {
  TRY_VOID(database.run("BEGIN"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // Some errors (disk full among them) have rolled back already: then this fails, and that is fine.
  if (database_ != nullptr) static_cast<void>(database_->run("ROLLBACK"));
}

Result<void> Transaction::commit() noexcept {
  TRY_VOID(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace orchestra
