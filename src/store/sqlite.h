// sqlite3 as values that clean up after themselves. https://www.sqlite.org/c3ref/intro.html
//
// Nothing here is thread-safe: a Database and its Statements belong to one thread at a time. Errors are kUnavailable
// with SQLite's own sentence; SQLITE_FULL names the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace orchestra {

// A prepared statement; outlived by its Database. Indexes of parameters count from 1, those of columns from 0.
class Statement {
 public:
  // Text and blobs are borrowed until the next run() has returned or reset() was called.
  void bind(int index, std::int64_t value) noexcept;
  void bind_text(int index, std::string_view text) noexcept;
  void bind_blob(int index, std::string_view bytes) noexcept;
  void bind_null(int index) noexcept;

  // True: a row is there.
  Result<bool> step() noexcept;
  // Steps a statement without rows to its end and resets it. Bindings stay.
  Result<void> run() noexcept;
  void reset() noexcept;

  // Valid until the next step() or reset().
  std::int64_t integer(int column) const noexcept;
  std::string_view text(int column) const noexcept;
  std::string_view blob(int column) const noexcept;
  bool is_null(int column) const noexcept;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  enum class Access : std::uint8_t { kReadWrite, kReadOnly };
  // Read-write: makes the file when missing and puts it into WAL mode, synchronous NORMAL, without automatic
  // checkpoints. Waits up to 5 s for a lock.
  static Result<Database> open(const std::string& path, Access access);

  // Runs statements without parameters and drops their rows.
  Result<void> run(const std::string& sql) noexcept;
  Result<Statement> prepare(std::string_view sql) noexcept;
  // Rows changed by the statement that ran last.
  std::int64_t changes() const noexcept;
  std::int64_t last_rowid() const noexcept;
  // Moves what was committed from the WAL into the database file and syncs both. True when all of it was moved: then
  // every commit so far survives a power cut.
  Result<bool> checkpoint() noexcept;
  // The size of the WAL after the last commit of this connection.
  std::int64_t wal_pages() const noexcept { return wal_pages_ ? *wal_pages_ : 0; }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  std::unique_ptr<std::int64_t> wal_pages_;  // SQLite's hook writes to it: its address must stay
  std::unique_ptr<sqlite3, Close> database_;
};

// Rolls back unless commit() succeeded.
class Transaction {
 public:
  // Takes the write lock at once.
  static Result<Transaction> begin(Database& database) noexcept;
  // One consistent view for several reads.
  static Result<Transaction> begin_reading(Database& database) noexcept;
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit() noexcept;

 private:
  explicit Transaction(Database& database) noexcept : database_(&database) {}
  Database* database_;
};

}  // namespace orchestra
