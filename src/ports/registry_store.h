// Where the registry keeps what it knows over restarts.
#pragma once

#include <string>
#include <vector>

#include "base/task.h"
#include "domain/model_record.h"
#include "domain/performance.h"
#include "domain/query_outcome.h"

namespace orchestra {

struct RegistryContents {
  std::vector<ModelRecord> records;
  std::vector<PerformanceRow> performance;
};

struct OutcomeChanges {
  std::vector<QueryOutcome> kept;
  std::vector<OutcomeSignal> signals;  // of outcomes that were saved before, or are among `kept`
  std::size_t most = 100'000;          // the oldest beyond so many are dropped
};

// Called from the control loop, whose coroutine resumes there. Every method does all of its work or none of it. Errors:
// kUnavailable with a sentence that says what to do.
class RegistryStore {
 public:
  virtual ~RegistryStore() = default;
  // Everything that was saved. Blocks; called once, before the loops run.
  virtual Result<RegistryContents> load() = 0;
  // Puts records in the place of those of their ids, and drops the removed ones. On the disk when it returns.
  virtual Task<void> save(std::vector<ModelRecord> records, std::vector<ModelId> removed) = 0;
  // Puts cells in the place of those of their subjects and keys, and drops all cells of the forgotten subjects.
  virtual Task<void> save_performance(std::vector<PerformanceRow> rows, std::vector<std::string> forgotten) = 0;
  // Signals of outcomes that are not there, or not any more, are passed over.
  virtual Task<void> save_outcomes(OutcomeChanges changes) = 0;
  // All of them, the oldest first.
  virtual Task<std::vector<QueryOutcome>> outcomes() = 0;
};

}  // namespace orchestra
