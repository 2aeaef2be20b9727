#include "store/ledger_tables.h"

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
  TRY(insert_row_,
      database_.prepare("INSERT OR IGNORE INTO requests (id, boot, loop, sequence, at, tenant, asked, model, task, "
                        "stream, outcome, status, usage_known, input, output, cached_input, cache_write, reasoning, "
                        "audio_input, audio_output, reserve, cost, latency, first_content, decision) VALUES "
                        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
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
  auto booked = book_in_transaction(join);
  // The sums in memory contain what was just rolled back: read them again.
  if (!booked) hours_.forget();
  return booked;
}

Result<std::int64_t> LedgerTables::book_in_transaction(const SpendJoin& join) {
  TRY(auto transaction, Transaction::begin(database_));
  TRY_VOID(save_names(insert_name_, join.names()));
  TRY_VOID(save_names(insert_boot_, join.boots()));
  for (const auto& body : join.batch().bodies) {
    insert_body_.bind(1, static_cast<std::int64_t>(body.hash));
    insert_body_.bind_text(2, body.body);
    TRY_VOID(insert_body_.run());
  }
  for (const auto& row : join.batch().saved_open) TRY_VOID(save_open(row));
  std::int64_t inserted = 0;
  for (const auto& row : join.batch().rows) {
    TRY(const bool is_new, insert(row));
    if (!is_new) continue;
    ++inserted;
    TRY_VOID(hours_.add(row));
  }
  TRY_VOID(hours_.save());
  TRY_VOID(transaction.commit());
  return inserted;
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

void LedgerTables::bind_row(int index, std::int64_t value) noexcept {
  auto& bound = bound_[static_cast<std::size_t>(index)];
  if (bound == value) return;
  insert_row_.bind(index, value);
  bound = value;
}

void LedgerTables::bind_row_or_null(int index, bool known, std::int64_t value) noexcept {
  if (known) return bind_row(index, value);
  insert_row_.bind_null(index);
  bound_[static_cast<std::size_t>(index)].reset();
}

Result<bool> LedgerTables::insert(const BookedRow& row) {
  const OpenRow& opened = row.opened;
  insert_row_.bind_text(1, opened.id.text());
  int index = 1;
  for (const std::int64_t value :
       {opened.key.boot, std::int64_t{opened.key.loop}, static_cast<std::int64_t>(opened.key.sequence),
        std::int64_t{opened.at.time_since_epoch().count()}, opened.tenant, opened.asked, row.model,
        static_cast<std::int64_t>(opened.task), std::int64_t{row.stream}, static_cast<std::int64_t>(row.outcome),
        std::int64_t{row.status}, std::int64_t{row.usage.known}, row.usage.input.count, row.usage.output.count,
        row.usage.cached_input.count, row.usage.cache_write.count, row.usage.reasoning.count,
        row.usage.audio_input.count, row.usage.audio_output.count}) {
    bind_row(++index, value);
  }
  bind_row_or_null(21, opened.price_known, opened.reserve.count);
  bind_row_or_null(22, row.cost_known, row.cost.count);
  bind_row(23, row.latency.count());
  bind_row(24, row.first_content.count());
  bind_row(25, static_cast<std::int64_t>(row.decision));
  TRY_VOID(insert_row_.run());
  const bool is_new = database_.changes() > 0;
  if (is_new && !row.attempts.empty()) {
    insert_attempts_.bind_text(4, row.attempts);
    TRY_VOID(run_keyed(insert_attempts_, opened.key));
  }
  if (row.was_saved_open) TRY_VOID(run_keyed(delete_open_, opened.key));
  return is_new;
}

}  // namespace orchestra
