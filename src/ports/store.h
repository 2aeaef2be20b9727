// The records of the past: what was asked, decided and spent.
#pragma once

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

// Thread-safe: called from every loop; the caller's coroutine resumes on its own loop. Every answer contains all
// requests that were settled before the call, on whichever loop. Errors: kUnavailable when the store cannot be read.
class Store {
 public:
  virtual ~Store() = default;
  // Empty when there is no such request, or it is still running.
  virtual Task<std::optional<StoredRequest>> request(RequestId id) = 0;
  virtual Task<UsageReport> usage(UsageQuery query) = 0;
};

}  // namespace orchestra
