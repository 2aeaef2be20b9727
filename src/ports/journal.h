// The spend journal: what was started and what it came to, in a form that survives kill -9.
#pragma once

#include <cstdint>

#include "base/task.h"
#include "domain/spend.h"

namespace orchestra {

// Names one opened record. (boot, loop, sequence) is unique for ever.
struct JournalTicket {
  std::uint64_t sequence = 0;
};

// One per loop; loop-bound. `open` and `settle` write to the operating system before they return, without waiting for
// the disk.
class Journal {
 public:
  virtual ~Journal() = default;
  // kUnavailable when there is no room to write (disk full): the request must be refused.
  virtual Result<JournalTicket> open(const SpendOpened& opened) noexcept = 0;
  virtual void settle(JournalTicket ticket, const SpendSettled& settled) noexcept = 0;
  // True when the last byte of an answer has to wait for synced() (`journal.durability: power`).
  virtual bool waits_for_disk() const noexcept { return false; }
  // Returns when everything that this journal has written so far is on the disk.
  virtual Task<void> synced() { co_return Result<void>(); }
};

}  // namespace orchestra
