#include "store/sqlite_store.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "store/journal_thread.h"

namespace orchestra {

namespace asio = boost::asio;

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
Task<T> SqliteStore::on_pool(Ask ask) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(Result<T>)>(
      [this, ask = std::move(ask)](auto handler) mutable {
        auto guard = asio::make_work_guard(asio::get_associated_executor(handler));
        auto work = [this, ask = std::move(ask)]() mutable -> Result<T> {
          TRY_VOID(journal_.flush());
          TRY(auto queries, take());
          auto answer = ask(*queries);
          // A connection that failed is not used again.
          if (answer) give_back(std::move(queries));
          return answer;
        };
        asio::post(pool_, [work = std::move(work), handler = std::move(handler), guard = std::move(guard)]() mutable {
          auto answer = work();
          const auto executor = guard.get_executor();
          asio::post(executor, [handler = std::move(handler), answer = std::move(answer)]() mutable {
            std::move(handler)(std::move(answer));
          });
        });
      },
      asio::use_awaitable_t<Executor>());
}

Task<std::optional<StoredRequest>> SqliteStore::request(RequestId id) {
  return on_pool<std::optional<StoredRequest>>([id](LedgerQueries& queries) { return queries.request(id); });
}

Task<UsageReport> SqliteStore::usage(UsageQuery query) {
  return on_pool<UsageReport>([query = std::move(query)](LedgerQueries& queries) { return queries.usage(query); });
}

}  // namespace orchestra
