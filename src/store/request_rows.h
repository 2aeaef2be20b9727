// The inserts into the table `requests`: one by one, or many in one statement, which costs half as much a row.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "store/spend_join.h"
#include "store/sqlite.h"

namespace orchestra {

// Outlived by its Database; belongs to the thread that has it.
class RequestRows {
 public:
  static constexpr std::size_t kGroup = 32;

  RequestRows() = default;
  static Result<RequestRows> prepare(Database& database);

  // False: its key was there already, and nothing has changed.
  Result<bool> insert(const BookedRow& row);
  // Exactly kGroup rows. False: some were there already. Which ones is not known, so roll the transaction back.
  // In the order of their ids, most rows need no search for their place.
  Result<bool> insert_group(std::span<const BookedRow* const> rows);

 private:
  static constexpr int kColumns = 25;

  // A statement and what its parameters are bound to: most values repeat.
  struct Bound {
    Statement statement;
    std::vector<std::optional<std::int64_t>> values;
    void bind(int index, std::int64_t value) noexcept;
    void bind_or_null(int index, bool known, std::int64_t value) noexcept;
    void bind_row(int before, const BookedRow& row) noexcept;
  };
  static Result<Bound> prepare(Database& database, std::size_t rows);

  Database* database_ = nullptr;
  Bound one_, group_;
};

}  // namespace orchestra
