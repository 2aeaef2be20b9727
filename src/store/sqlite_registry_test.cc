#include "store/sqlite_registry.h"

#include <fstream>

#include "ports/registry_store_contract.h"
#include "store/test_records.h"

namespace orchestra {
namespace {

using orchestra::testing::TemporaryFolder;
using ::testing::HasSubstr;

struct SqliteFixture {
  SqliteFixture() { reopen(); }
  RegistryStore& store() { return *store_; }
  void reopen() {
    store_.reset();
    auto opened = SqliteRegistry::open(folder_.path());
    EXPECT_TRUE(opened.has_value()) << opened.error().what;
    store_ = std::move(*opened);
  }
  TemporaryFolder folder_;
  std::unique_ptr<SqliteRegistry> store_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, RegistryStoreContract, SqliteFixture);

TEST(SqliteRegistryTest, ItsFileIsItsOwnersAlone) {
  const SqliteFixture fixture;
  const auto status = std::filesystem::status(fixture.folder_.path() + "/registry.db");
  EXPECT_EQ(status.permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(SqliteRegistryTest, ADamagedFileIsASentenceAndStaysAsItIs) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/registry.db";
  const std::string garbage(8192, 'x');
  std::ofstream(path) << garbage;
  const auto opened = SqliteRegistry::open(folder.path());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().fault, Fault::kUnavailable);
  EXPECT_THAT(opened.error().what, HasSubstr("Repair registry.db in the data folder, or move it away"));
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), garbage);
}

TEST(SqliteRegistryTest, ADamagedRecordIsASentence) {
  SqliteFixture fixture;
  fixture.store_.reset();
  {
    auto database = Database::open(fixture.folder_.path() + "/registry.db", Database::Access::kReadWrite);
    ASSERT_TRUE(database->run("INSERT INTO models VALUES ('x/a', '{broken')").has_value());
  }
  fixture.reopen();
  const auto contents = fixture.store().load();
  ASSERT_FALSE(contents.has_value());
  EXPECT_THAT(contents.error().what, HasSubstr("cannot be read"));
}

TEST(SqliteRegistryTest, ANewerSchemaIsRefused) {
  SqliteFixture fixture;
  fixture.store_.reset();
  {
    auto database = Database::open(fixture.folder_.path() + "/registry.db", Database::Access::kReadWrite);
    ASSERT_TRUE(database->run("PRAGMA user_version=99").has_value());
  }
  const auto opened = SqliteRegistry::open(fixture.folder_.path());
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().what, HasSubstr("newer version"));
}

}  // namespace
}  // namespace orchestra
