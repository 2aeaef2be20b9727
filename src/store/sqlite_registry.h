// The port RegistryStore on SQLite: registry.db in the data folder, its owner's alone, in WAL mode. One thread of its
// own writes, so that the control loop never waits for the disk.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>

#include "ports/registry_store.h"
#include "store/sqlite.h"

namespace orchestra {

class SqliteRegistry final : public RegistryStore {
 public:
  // Makes the file when missing. A file that cannot be read, or is from a newer version, is kUnavailable with a
  // sentence that names the file and the way out; it is left as it is.
  static Result<std::unique_ptr<SqliteRegistry>> open(const std::string& folder);
  // Finishes what was begun.
  ~SqliteRegistry() override;

  Result<RegistryContents> load() override;
  Task<void> save(std::vector<ModelRecord> records, std::vector<ModelId> removed) override;
  Task<void> save_performance(std::vector<PerformanceRow> rows, std::vector<std::string> forgotten) override;
  Task<void> save_outcomes(OutcomeChanges changes) override;
  Task<std::vector<QueryOutcome>> outcomes() override;

 private:
  explicit SqliteRegistry(Database database) : database_(std::move(database)), thread_(1) {}

  Database database_;  // used by `thread_` once it has work
  boost::asio::thread_pool thread_;
};

}  // namespace orchestra
