// The records of the past: what was asked, decided and spent.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/task.h"
#include "domain/spend.h"
#include "domain/usage_report.h"

namespace orchestra {

// One finished request as it was booked. `settled.decision` is null: the decision comes as the JSON text that it was
// stored as (ledger/decision_json.h reads it); empty when none was made.
struct StoredRequest {
  SpendOpened opened;
  SpendSettled settled;
  std::string decision;
};

// Requests that came in at `from` or later and before `to`, the earliest first; of one tenant, if it is named.
struct RequestSpan {
  WallTime from, to;
  std::optional<std::string> tenant;
  std::string after;  // the `next` of the page before; empty: from the start
  std::int64_t most = 500;
};
// How far a page came.
struct RequestPage {
  std::int64_t requests = 0;
  std::string next;  // for the following page; empty: that was the last
};
// Attempts are not among what it is given.
using TakeRequest = std::function<void(const StoredRequest&)>;

// Thread-safe: called from every loop; the caller's coroutine resumes on its own loop. Every answer contains all
// requests that were settled before the call, on whichever loop. Errors: kUnavailable when the store cannot be read.
class Store {
 public:
  virtual ~Store() = default;
  // Empty when there is no such request, or it is still running.
  virtual Task<std::optional<StoredRequest>> request(RequestId id) = 0;
  virtual Task<UsageReport> usage(UsageQuery query) = 0;
  // Hands a page of requests to `take`, one after the other, on a thread of the store: work that takes long stays off
  // the loops. Only the first page waits for what was settled before. What `take` refers to lives as long as it does: a
  // caller that leaves does not stop a page.
  virtual Task<RequestPage> read(RequestSpan span, TakeRequest take) = 0;
};

}  // namespace orchestra
