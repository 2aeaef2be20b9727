#include "store/migrations.h"

#include <fmt/format.h>

#include <array>

namespace orchestra {
namespace {

// Times are microseconds since 1970, UTC. Money is micro-dollars; NULL is "unknown". `tenant`, `asked` and `model` are
// numbers of `names`, so that a row stays near 100 bytes. Request ids sort by time: the primary key is the time index.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE boots (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE
);
CREATE TABLE names (
  number INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);
CREATE TABLE requests (
  id TEXT NOT NULL,
  boot INTEGER NOT NULL,
  loop INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  asked INTEGER NOT NULL,
  model INTEGER NOT NULL,
  task INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  status INTEGER NOT NULL,
  usage_known INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cached_input INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  audio_input INTEGER NOT NULL,
  audio_output INTEGER NOT NULL,
  reserve INTEGER,
  cost INTEGER,
  latency INTEGER NOT NULL,
  first_content INTEGER NOT NULL,
  decision INTEGER NOT NULL,
  PRIMARY KEY (id, boot, loop, sequence)
) WITHOUT ROWID;
CREATE TABLE attempts (
  boot INTEGER NOT NULL,
  loop INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (boot, loop, sequence)
) WITHOUT ROWID;
CREATE TABLE decision_bodies (
  hash INTEGER PRIMARY KEY,
  body TEXT NOT NULL
);
CREATE TABLE open_requests (
  boot INTEGER NOT NULL,
  loop INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  asked INTEGER NOT NULL,
  model INTEGER NOT NULL,
  task INTEGER NOT NULL,
  reserve INTEGER,
  PRIMARY KEY (boot, loop, sequence)
) WITHOUT ROWID;
CREATE TABLE usage_hours (
  hour INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  model INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  estimated_usage INTEGER NOT NULL,
  unknown_cost INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cached_input INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  audio_input INTEGER NOT NULL,
  audio_output INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  latency BLOB NOT NULL,
  PRIMARY KEY (hour, tenant, model, outcome)
) WITHOUT ROWID;
)sql";

constexpr std::array kMigrations = {kVersion1};

// `body` is a record as record_json.h writes it. `measures` is, for each Measure, weight, mean and squares as doubles.
constexpr std::string_view kRegistryVersion1 = R"sql(
CREATE TABLE models (
  id TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE performance (
  subject TEXT NOT NULL,
  key INTEGER NOT NULL,
  at INTEGER NOT NULL,
  measures BLOB NOT NULL,
  PRIMARY KEY (subject, key)
) WITHOUT ROWID;
)sql";

// What became of queries. `features` are KeyedFeatures as two 16-bit numbers each; types and complexities are numbers
// of their enums; NULL is "not known". `number` rises: the smallest is the oldest.
constexpr std::string_view kRegistryVersion2 = R"sql(
CREATE TABLE outcomes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  features BLOB NOT NULL,
  type INTEGER NOT NULL,
  complexity INTEGER NOT NULL,
  type_label INTEGER,
  complexity_label INTEGER,
  cheap INTEGER,
  success INTEGER NOT NULL,
  quality_permille INTEGER,
  retried INTEGER NOT NULL,
  abandoned INTEGER NOT NULL
);
)sql";

constexpr std::array kRegistryMigrations = {kRegistryVersion1, kRegistryVersion2};

}  // namespace

std::span<const std::string_view> registry_migrations() noexcept {
  return kRegistryMigrations;
}

std::span<const std::string_view> ledger_migrations() noexcept {
  return kMigrations;
}

Result<void> migrate(Database& database, std::span<const std::string_view> steps) {
  TRY(auto transaction, Transaction::begin(database));
  std::size_t version = 0;
  {
    TRY(auto query, database.prepare("PRAGMA user_version"));
    TRY([[maybe_unused]] const bool row, query.step());
    version = static_cast<std::size_t>(query.integer(0));
  }
  if (version > steps.size()) {
    return fail(Fault::kUnavailable,
                fmt::format("The database was written by a newer version of ai-orchestra (its schema is {}, this "
                            "program knows {}). Start that version, or choose another folder with --data-dir.",
                            version, steps.size()));
  }
  if (version == steps.size()) return {};
  for (const auto step : steps.subspan(version)) TRY_VOID(database.run(std::string(step)));
  TRY_VOID(database.run(fmt::format("PRAGMA user_version={}", steps.size())));
  return transaction.commit();
}

}  // namespace orchestra
