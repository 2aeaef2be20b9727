#include "store/sqlite_store.h"

#include "store/journal_thread.h"
#include "store/on_pool.h"

namespace orchestra {

SqliteStore::SqliteStore(std::string path, JournalThread& journal)
    : path_(std::move(path)), journal_(journal), pool_(2) {}

SqliteStore::~SqliteStore() {
  pool_.join();
}

Result<std::unique_ptr<LedgerQueries>> SqliteStore::take() {
  {
    const MutexLock lock(mutex_);
    if (!idle_.empty()) {
      auto queries = std::move(idle_.back());
      idle_.pop_back();
      return queries;
    }
  }
  return LedgerQueries::open(path_);
}

void SqliteStore::give_back(std::unique_ptr<LedgerQueries> queries) {
  const MutexLock lock(mutex_);
  idle_.push_back(std::move(queries));
}

template <class T, class Ask>
Task<T> SqliteStore::query(Ask ask, bool flush) {
  return on_pool<T>(pool_, [this, flush, ask = std::move(ask)]() mutable -> Result<T> {
    if (flush) TRY_VOID(journal_.flush());
    TRY(auto queries, take());
    auto answer = ask(*queries);
    // A connection that failed is not used again.
    if (answer) give_back(std::move(queries));
    return answer;
  });
}

Task<std::optional<StoredRequest>> SqliteStore::request(RequestId id) {
  return query<std::optional<StoredRequest>>([id](LedgerQueries& queries) { return queries.request(id); });
}

Task<UsageReport> SqliteStore::usage(UsageQuery asked) {
  return query<UsageReport>([asked = std::move(asked)](LedgerQueries& queries) { return queries.usage(asked); });
}

Task<RequestPage> SqliteStore::read(RequestSpan span, TakeRequest take) {
  const bool first = span.after.empty();
  return query<RequestPage>(
      [span = std::move(span), take = std::move(take)](LedgerQueries& queries) { return queries.read(span, take); },
      first);
}

}  // namespace orchestra
