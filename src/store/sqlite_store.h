// The port Store on SQLite: read-only connections on a small pool of threads.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "ports/store.h"
#include "store/ledger_queries.h"

namespace orchestra {

class JournalThread;

class SqliteStore final : public Store {
 public:
  // Both outlive the store.
  SqliteStore(std::string path, JournalThread& journal);
  // Waits for the queries that run.
  ~SqliteStore() override;

  Task<std::optional<StoredRequest>> request(RequestId id) override;
  Task<UsageReport> usage(UsageQuery asked) override;
  Task<RequestPage> read(RequestSpan span, TakeRequest take) override;

 private:
  // A connection that no query uses now, or a new one.
  Result<std::unique_ptr<LedgerQueries>> take() EXCLUDES(mutex_);
  void give_back(std::unique_ptr<LedgerQueries> queries) EXCLUDES(mutex_);
  // Runs `ask` on the pool, on a connection that sees everything settled so far, and resumes on the caller's loop.
  // Without `flush` the newest requests may be missing.
  template <class T, class Ask>
  Task<T> query(Ask ask, bool flush = true);

  const std::string path_;
  JournalThread& journal_;
  Mutex mutex_;
  std::vector<std::unique_ptr<LedgerQueries>> idle_ GUARDED_BY(mutex_);
  boost::asio::thread_pool pool_;
};

}  // namespace orchestra
