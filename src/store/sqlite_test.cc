#include "store/sqlite.h"

#include "store/migrations.h"
#include "store/test_records.h"

namespace orchestra {
namespace {

using testing::TemporaryFolder;

class SqliteTest : public ::testing::Test {
 protected:
  Database open(Database::Access access = Database::Access::kReadWrite) {
    auto database = Database::open(folder_.path() + "/test.db", access);
    EXPECT_TRUE(database.has_value()) << database.error().what;
    return std::move(*database);
  }
  std::int64_t number(Database& database, std::string_view sql) {
    auto statement = database.prepare(sql);
    EXPECT_TRUE(statement.has_value()) << statement.error().what;
    EXPECT_TRUE(*statement->step());
    return statement->integer(0);
  }
  TemporaryFolder folder_;
};

TEST_F(SqliteTest, ANewFileIsItsOwnersAlone) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t (i INTEGER)").has_value());
  for (const auto& file : std::filesystem::directory_iterator(folder_.path())) {
    const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
    EXPECT_EQ(file.status().permissions() & others, std::filesystem::perms::none) << file.path();
  }
}

TEST_F(SqliteTest, BindsAndReadsEveryType) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t (i INTEGER, s TEXT, b BLOB, n INTEGER)").has_value());
  auto insert = *database.prepare("INSERT INTO t VALUES (?, ?, ?, ?)");
  insert.bind(1, INT64_MIN);
  insert.bind_text(2, "");
  insert.bind_blob(3, std::string_view("a\0b", 3));
  insert.bind_null(4);
  ASSERT_TRUE(insert.run().has_value());
  EXPECT_EQ(database.changes(), 1);
  auto select = *database.prepare("SELECT i, s, b, n FROM t");
  ASSERT_TRUE(*select.step());
  EXPECT_EQ(select.integer(0), INT64_MIN);
  EXPECT_FALSE(select.is_null(1)) << "an empty text is not NULL";
  EXPECT_EQ(select.text(1), "");
  EXPECT_EQ(select.blob(2), std::string_view("a\0b", 3));
  EXPECT_TRUE(select.is_null(3));
  EXPECT_FALSE(*select.step());
}

TEST_F(SqliteTest, ATransactionRollsBackUnlessCommitted) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t (i INTEGER)").has_value());
  {
    const auto transaction = Transaction::begin(database);
    ASSERT_TRUE(transaction.has_value());
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)").has_value());
  }
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 0);
  auto transaction = Transaction::begin(database);
  ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)").has_value());
  ASSERT_TRUE(transaction->commit().has_value());
  EXPECT_EQ(number(database, "SELECT count(*) FROM t"), 1);
  EXPECT_GT(database.wal_pages(), 0);
}

TEST_F(SqliteTest, CheckpointWaitsForReadersOfOldPages) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t (i INTEGER)").has_value());
  auto reader = open(Database::Access::kReadOnly);
  auto old = Transaction::begin_reading(reader);
  EXPECT_EQ(number(reader, "SELECT count(*) FROM t"), 0);
  ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)").has_value());
  EXPECT_EQ(database.checkpoint(), false);
  ASSERT_TRUE(old->commit().has_value());
  EXPECT_EQ(database.checkpoint(), true);
}

TEST_F(SqliteTest, AReadOnlyConnectionCannotWriteAndErrorsAreSentences) {
  open();
  auto reader = open(Database::Access::kReadOnly);
  const auto result = reader.run("CREATE TABLE t (i INTEGER)");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().fault, Fault::kUnavailable);
  EXPECT_FALSE(reader.prepare("SELEKT").has_value());
  EXPECT_FALSE(Database::open(folder_.path() + "/no/such/folder.db", Database::Access::kReadWrite).has_value());
}

TEST_F(SqliteTest, AFullDiskIsNamed) {
  auto database = open();
  ASSERT_TRUE(database.run("CREATE TABLE t (b BLOB); PRAGMA max_page_count=8").has_value());
  const auto result = database.run("INSERT INTO t VALUES (zeroblob(1000000))");
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().what.find("disk is full"), std::string::npos);
}

TEST_F(SqliteTest, MigrationsRunInOrderOnceAndWhole) {
  auto database = open();
  const std::array<std::string_view, 2> two = {"CREATE TABLE a (i INTEGER)", "ALTER TABLE a ADD COLUMN j INTEGER"};
  ASSERT_TRUE(migrate(database, std::span(two).first(1)).has_value());
  ASSERT_TRUE(database.run("INSERT INTO a VALUES (1)").has_value());
  ASSERT_TRUE(migrate(database, two).has_value());
  ASSERT_TRUE(migrate(database, two).has_value()) << "nothing left to do";
  EXPECT_EQ(number(database, "SELECT count(*) FROM a WHERE j IS NULL"), 1);
  EXPECT_EQ(number(database, "PRAGMA user_version"), 2);

  const std::array<std::string_view, 4> broken = {two[0], two[1], "CREATE TABLE b (i INTEGER)", "NOT SQL"};
  EXPECT_FALSE(migrate(database, broken).has_value());
  EXPECT_EQ(number(database, "PRAGMA user_version"), 2);
  EXPECT_EQ(number(database, "SELECT count(*) FROM sqlite_master WHERE name = 'b'"), 0) << "all or nothing";
}

TEST_F(SqliteTest, ANewerSchemaIsRefused) {
  auto database = open();
  ASSERT_TRUE(database.run("PRAGMA user_version=99").has_value());
  const auto result = migrate(database, ledger_migrations());
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().what.find("newer version"), std::string::npos);
}

}  // namespace
}  // namespace orchestra
