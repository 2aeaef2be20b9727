// A worker as others see it.
#pragma once

#include "base/clock.h"
#include "fleet/memory_ledger.h"
#include "fleet/worker.h"

namespace orchestra {

struct ViewContext {
  const MemoryLedger& ledger;
  const Clock& clock;
  std::optional<TimePoint> expires;
};

WorkerView view_of(const Worker& worker, const ViewContext& context);

}  // namespace orchestra
