#include "store/ledger_tables.h"

#include <algorithm>

#include "store/migrations.h"

namespace orchestra {

Result<std::unique_ptr<LedgerTables>> LedgerTables::open(const std::string& path) {
  TRY(auto database, Database::open(path, Database::Access::kReadWrite));
  TRY_VOID(migrate(database, ledger_migrations()));
  TRY(auto hours, UsageHours::prepare(database));
  std::unique_ptr<LedgerTables> tables(new LedgerTables(std::move(database), std::move(hours)));
  TRY_VOID(tables->prepare());
  return tables;
}

Result<void> LedgerTables::prepare() {
  TRY(rows_, RequestRows::prepare(database_));
  TRY(insert_attempts_,
      database_.prepare("INSERT OR IGNORE INTO attempts (boot, loop, sequence, body) VALUES (?, ?, ?, ?)"));
  TRY(insert_body_, database_.prepare("INSERT OR IGNORE INTO decision_bodies (hash, body) VALUES (?, ?)"));
  TRY(insert_name_, database_.prepare("INSERT OR IGNORE INTO names (number, text) VALUES (?, ?)"));
  TRY(insert_boot_, database_.prepare("INSERT OR IGNORE INTO boots (number, id) VALUES (?, ?)"));
  TRY(insert_open_,
      database_.prepare("INSERT OR IGNORE INTO open_requests (boot, loop, sequence, id, at, tenant, asked, model, "
                        "task, reserve) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(delete_open_, database_.prepare("DELETE FROM open_requests WHERE boot = ? AND loop = ? AND sequence = ?"));
  return {};
}

Result<void> LedgerTables::load(SpendJoin& join) {
  TRY(auto names, database_.prepare("SELECT number, text FROM names"));
  while (true) {
    TRY(const bool row, names.step());
    if (!row) break;
    join.names().load(names.integer(0), names.text(1));
  }
  TRY(auto boots, database_.prepare("SELECT number, id FROM boots"));
  while (true) {
    TRY(const bool row, boots.step());
    if (!row) break;
    join.boots().load(boots.integer(0), boots.text(1));
  }
  TRY(auto open, database_.prepare("SELECT boot, loop, sequence, id, at, tenant, asked, model, task, reserve "
                                   "FROM open_requests"));
  while (true) {
    TRY(const bool row, open.step());
    if (!row) break;
    OpenRow entry;
    entry.key = {open.integer(0), static_cast<std::uint32_t>(open.integer(1)),
                 static_cast<std::uint64_t>(open.integer(2))};
    if (const auto id = RequestId::parse(open.text(3))) entry.id = *id;
    entry.at = WallTime(Micros(open.integer(4)));
    entry.tenant = open.integer(5);
    entry.asked = open.integer(6);
    entry.model = open.integer(7);
    entry.task = static_cast<TaskKind>(open.integer(8));
    entry.price_known = !open.is_null(9);
    entry.reserve = MicroUsd(open.integer(9));
    join.take_saved_open(entry);
  }
  return {};
}

Result<std::int64_t> LedgerTables::book(const SpendJoin& join) {
  auto booked = book_in_transaction(join, Pace::kGroups);
  if (booked && !*booked) {
    hours_.forget();
    booked = book_in_transaction(join, Pace::kSingly);
  }
  if (booked) return **booked;
  // The sums in memory contain what was just rolled back: read them again.
  hours_.forget();
  return std::unexpected(std::move(booked).error());
}

Result<std::optional<std::int64_t>> LedgerTables::book_in_transaction(const SpendJoin& join, Pace pace) {
  TRY(auto transaction, Transaction::begin(database_));
  TRY_VOID(save_names(insert_name_, join.names()));
  TRY_VOID(save_names(insert_boot_, join.boots()));
  for (const auto& body : join.batch().bodies) {
    insert_body_.bind(1, static_cast<std::int64_t>(body.hash));
    insert_body_.bind_text(2, body.body);
    TRY_VOID(insert_body_.run());
  }
  for (const auto& row : join.batch().saved_open) TRY_VOID(save_open(row));
  TRY(const auto inserted, insert_rows(join.batch().rows, pace));
  if (!inserted) return inserted;
  TRY_VOID(hours_.save());
  TRY_VOID(transaction.commit());
  return inserted;
}

Result<std::optional<std::int64_t>> LedgerTables::insert_rows(const std::vector<BookedRow>& rows, Pace pace) {
  sorted_.clear();
  for (const auto& row : rows) sorted_.push_back(&row);
  std::ranges::sort(sorted_, {}, [](const BookedRow* row) { return row->opened.id.text(); });
  std::span<const BookedRow* const> left = sorted_;
  while (pace == Pace::kGroups && left.size() >= RequestRows::kGroup) {
    const auto group = left.first(RequestRows::kGroup);
    TRY(const bool all_new, rows_.insert_group(group));
    if (!all_new) return std::nullopt;
    for (const BookedRow* row : group) TRY_VOID(complete(*row, true));
    left = left.subspan(group.size());
  }
  auto inserted = static_cast<std::int64_t>(rows.size() - left.size());
  for (const BookedRow* row : left) {
    TRY(const bool is_new, rows_.insert(*row));
    TRY_VOID(complete(*row, is_new));
    inserted += is_new ? 1 : 0;
  }
  return inserted;
}

Result<void> LedgerTables::complete(const BookedRow& row, bool is_new) {
  const RecordKey& key = row.opened.key;
  if (is_new && !row.attempts.empty()) {
    insert_attempts_.bind_text(4, row.attempts);
    TRY_VOID(run_keyed(insert_attempts_, key));
  }
  if (row.was_saved_open) TRY_VOID(run_keyed(delete_open_, key));
  if (is_new) TRY_VOID(hours_.add(row));
  return {};
}

Result<void> LedgerTables::save_names(Statement& insert, const Names& names) {
  for (const auto& entry : names.unsaved()) {
    insert.bind(1, entry.number);
    insert.bind_text(2, entry.text);
    TRY_VOID(insert.run());
  }
  return {};
}

Result<void> LedgerTables::run_keyed(Statement& statement, const RecordKey& key) {
  statement.bind(1, key.boot);
  statement.bind(2, key.loop);
  statement.bind(3, static_cast<std::int64_t>(key.sequence));
  return statement.run();
}

Result<void> LedgerTables::save_open(const OpenRow& row) {
  insert_open_.bind_text(4, row.id.text());
  insert_open_.bind(5, row.at.time_since_epoch().count());
  insert_open_.bind(6, row.tenant);
  insert_open_.bind(7, row.asked);
  insert_open_.bind(8, row.model);
  insert_open_.bind(9, static_cast<std::int64_t>(row.task));
  if (row.price_known) {
    insert_open_.bind(10, row.reserve.count);
  } else {
    insert_open_.bind_null(10);
  }
  return run_keyed(insert_open_, row.key);
}

}  // namespace orchestra
