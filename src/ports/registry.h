// The registry of models, as the resources see it: the one place where records change.
#pragma once

#include <memory>

#include "base/task.h"
#include "domain/model_record.h"

namespace orchestra {

// Thread-safe: called from every loop; the caller's coroutine resumes on its own loop.
class Registry {
 public:
  virtual ~Registry() = default;
  // Applies one change, all of it or nothing. When it returns the change is on the disk, and every loop has been sent
  // the catalogue that it leads to, the caller's before the answer. The record as it is then; null for a removal.
  // Errors: those of registry/records.h, and kUnavailable when it could not be stored.
  virtual Task<std::shared_ptr<const ModelRecord>> change(RecordChange change) = 0;
};

}  // namespace orchestra
