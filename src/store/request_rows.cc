#include "store/request_rows.h"

namespace orchestra {
namespace {

constexpr std::string_view kInsert =
    "INSERT OR IGNORE INTO requests (id, boot, loop, sequence, at, tenant, asked, model, task, stream, outcome, "
    "status, "
    "usage_known, input, output, cached_input, cache_write, reasoning, audio_input, audio_output, reserve, cost, "
    "latency, first_content, decision) VALUES ";

}  // namespace

Result<RequestRows::Bound> RequestRows::prepare(Database& database, std::size_t rows) {
  std::string one = "(?";
  for (int i = 1; i < kColumns; ++i) one += ",?";
  one += ')';
  std::string sql(kInsert);
  for (std::size_t i = 0; i < rows; ++i) sql += (i > 0 ? "," : "") + one;
  Bound bound;
  TRY(bound.statement, database.prepare(sql));
  bound.values.resize(rows * kColumns + 1);
  return bound;
}

Result<RequestRows> RequestRows::prepare(Database& database) {
  RequestRows rows;
  rows.database_ = &database;
  TRY(rows.one_, prepare(database, 1));
  TRY(rows.group_, prepare(database, kGroup));
  return rows;
}

void RequestRows::Bound::bind(int index, std::int64_t value) noexcept {
  auto& bound = values[static_cast<std::size_t>(index)];
  if (bound == value) return;
  statement.bind(index, value);
  bound = value;
}

void RequestRows::Bound::bind_or_null(int index, bool known, std::int64_t value) noexcept {
  if (known) return bind(index, value);
  statement.bind_null(index);
  values[static_cast<std::size_t>(index)].reset();
}

// `before`: the number of parameters in front of the row's.
void RequestRows::Bound::bind_row(int before, const BookedRow& row) noexcept {
  const OpenRow& opened = row.opened;
  statement.bind_text(before + 1, opened.id.text());
  int index = before + 1;
  for (const std::int64_t value :
       {opened.key.boot, std::int64_t{opened.key.loop}, static_cast<std::int64_t>(opened.key.sequence),
        std::int64_t{opened.at.time_since_epoch().count()}, opened.tenant, opened.asked, row.model,
        static_cast<std::int64_t>(opened.task), std::int64_t{row.stream}, static_cast<std::int64_t>(row.outcome),
        std::int64_t{row.status}, std::int64_t{row.usage.known}, row.usage.input.count, row.usage.output.count,
        row.usage.cached_input.count, row.usage.cache_write.count, row.usage.reasoning.count,
        row.usage.audio_input.count, row.usage.audio_output.count}) {
    bind(++index, value);
  }
  bind_or_null(++index, opened.price_known, opened.reserve.count);
  bind_or_null(++index, row.cost_known, row.cost.count);
  bind(++index, row.latency.count());
  bind(++index, row.first_content.count());
  bind(++index, static_cast<std::int64_t>(row.decision));
}

Result<bool> RequestRows::insert(const BookedRow& row) {
  one_.bind_row(0, row);
  TRY_VOID(one_.statement.run());
  return database_->changes() > 0;
}

Result<bool> RequestRows::insert_group(std::span<const BookedRow* const> rows) {
  int before = 0;
  for (const BookedRow* row : rows) {
    group_.bind_row(before, *row);
    before += kColumns;
  }
  TRY_VOID(group_.statement.run());
  return database_->changes() == static_cast<std::int64_t>(kGroup);
}

}  // namespace orchestra
