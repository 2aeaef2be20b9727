#include "store/outcome_rows.h"

#include <cmath>
#include <cstring>

namespace orchestra {
namespace {

template <class T>
void bind_or_null(Statement& statement, int index, const std::optional<T>& value) {
  if (value) {
    statement.bind(index, static_cast<std::int64_t>(*value));
  } else {
    statement.bind_null(index);
  }
}

std::optional<std::int64_t> permille(const std::optional<double>& quality) {
  if (!quality) return std::nullopt;
  return std::llround(*quality * 1000);
}

std::string_view bytes_of(const std::vector<KeyedFeature>& features) {
  static_assert(sizeof(KeyedFeature) == 4);
  return {reinterpret_cast<const char*>(features.data()), features.size() * sizeof(KeyedFeature)};
}

Result<void> insert_all(Database& database, const std::vector<QueryOutcome>& outcomes) {
  TRY(auto insert, database.prepare("INSERT OR REPLACE INTO outcomes (id, at, features, type, complexity, type_label, "
                                    "complexity_label, cheap, success, quality_permille, retried, abandoned) VALUES "
                                    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const QueryOutcome& outcome : outcomes) {
    insert.bind_text(1, outcome.id.text());
    insert.bind(2, outcome.at.time_since_epoch().count());
    insert.bind_blob(3, bytes_of(outcome.features));
    insert.bind(4, static_cast<std::int64_t>(outcome.type));
    insert.bind(5, static_cast<std::int64_t>(outcome.complexity));
    bind_or_null(insert, 6, outcome.type_label);
    bind_or_null(insert, 7, outcome.complexity_label);
    bind_or_null(insert, 8, outcome.cheap);
    insert.bind(9, outcome.success ? 1 : 0);
    bind_or_null(insert, 10, permille(outcome.quality));
    insert.bind(11, outcome.retried ? 1 : 0);
    insert.bind(12, outcome.abandoned ? 1 : 0);
    TRY_VOID(insert.run());
  }
  return {};
}

Result<void> amend_all(Database& database, const std::vector<OutcomeSignal>& signals) {
  TRY(auto update,
      database.prepare("UPDATE outcomes SET quality_permille = COALESCE(?, quality_permille), type_label = "
                       "COALESCE(?, type_label), complexity_label = COALESCE(?, complexity_label), retried = "
                       "MAX(retried, ?) WHERE id = ?"));
  for (const OutcomeSignal& signal : signals) {
    bind_or_null(update, 1, permille(signal.quality));
    bind_or_null(update, 2, signal.type_label);
    bind_or_null(update, 3, signal.complexity_label);
    update.bind(4, signal.retried ? 1 : 0);
    update.bind_text(5, signal.id.text());
    TRY_VOID(update.run());
  }
  return {};
}

// A number of an enum with four members; a damaged one counts as the first.
template <class Enum>
Enum enum_of(std::int64_t number) {
  return static_cast<Enum>(number >= 0 && number < 4 ? number : 0);
}

template <class Enum>
std::optional<Enum> label_of(const Statement& query, int column) {
  return query.is_null(column) ? std::nullopt : std::optional(enum_of<Enum>(query.integer(column)));
}

QueryOutcome outcome_of(const Statement& query, RequestId id) {
  QueryOutcome outcome{.id = id, .at = WallTime(Micros(query.integer(1)))};
  const std::string_view blob = query.blob(2);
  outcome.features.resize(blob.size() / sizeof(KeyedFeature));
  if (!outcome.features.empty()) {
    std::memcpy(outcome.features.data(), blob.data(), outcome.features.size() * sizeof(KeyedFeature));
  }
  outcome.type = enum_of<QueryType>(query.integer(3));
  outcome.complexity = enum_of<Complexity>(query.integer(4));
  outcome.type_label = label_of<QueryType>(query, 5);
  outcome.complexity_label = label_of<Complexity>(query, 6);
  if (!query.is_null(7)) outcome.cheap = query.integer(7) != 0;
  outcome.success = query.integer(8) != 0;
  if (!query.is_null(9)) outcome.quality = static_cast<double>(query.integer(9)) / 1000.0;
  outcome.retried = query.integer(10) != 0;
  outcome.abandoned = query.integer(11) != 0;
  return outcome;
}

}  // namespace

Result<void> write_outcomes(Database& database, const OutcomeChanges& changes) {
  TRY_VOID(insert_all(database, changes.kept));
  TRY_VOID(amend_all(database, changes.signals));
  TRY(auto trim, database.prepare("DELETE FROM outcomes WHERE number <= (SELECT number FROM outcomes ORDER BY number "
                                  "DESC LIMIT 1 OFFSET ?)"));
  trim.bind(1, static_cast<std::int64_t>(changes.most));
  return trim.run();
}

Result<std::vector<QueryOutcome>> read_outcomes(Database& database) {
  std::vector<QueryOutcome> outcomes;
  TRY(auto query, database.prepare("SELECT id, at, features, type, complexity, type_label, complexity_label, cheap, "
                                   "success, quality_permille, retried, abandoned FROM outcomes ORDER BY number"));
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return outcomes;
    TRY(const RequestId id, RequestId::parse(query.text(0)));
    outcomes.push_back(outcome_of(query, id));
  }
}

}  // namespace orchestra
