// Everything that keeps what was spent: the journals of the loops, the thread that feeds the database from them, and
// the database.
//
//   loop 0..n-1   FileJournal --pwrite--> data/journal/*.wal
//   one thread    JournalThread: reads the journals, joins opened and settled, books into data/ledger.db, deletes
//                 the segments whose records are safe in the database, and keeps fresh segments ready
//   two threads   SqliteStore: queries on read-only connections
//
// A request counts as booked once `Journal::settle` has returned: from then on it reaches the database exactly once,
// over any number of kill -9.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "ports/journal.h"
#include "ports/store.h"

namespace orchestra {

// What an answer may rely on when its last byte leaves.
enum class Durability : std::uint8_t {
  kProcess,  // survives the death of the process; a power cut may take the last second
  kPower,    // survives a power cut: Journal::synced() waits for the disk
};

// What the start found in the journals of earlier runs.
struct ReplayReport {
  std::int64_t segments = 0;
  std::int64_t booked = 0;          // settled records that were not in the database yet
  std::int64_t interrupted = 0;     // opened without settled: booked at their reservation
  std::int64_t damaged_bytes = 0;   // skipped to the next valid record
  std::int64_t without_opened = 0;  // settled records whose opened record was in damaged bytes
};

// Counted since the start; for metrics and `doctor`.
struct SpendLedgerStats {
  std::uint64_t booked = 0;            // rows committed
  std::uint64_t refused = 0;           // opens refused because there was no room
  std::uint64_t lost_settlements = 0;  // could not be written; booked as interrupted at the next start
  std::uint64_t failed_commits = 0;    // tried again until they succeed
  std::uint64_t segments = 0;          // journal files now on disk
};

// Owned by app/; outlives every loop that uses its journals. open() blocks (replay); it is called before the loops run.
class SpendLedger {
 public:
  struct Options {
    std::string data_dir;  // journal/ and ledger.db live in it; both are made when missing
    int loops = 1;
    Durability durability = Durability::kProcess;
    const Clock& clock;                                         // outlives the ledger
    std::string (*encode_decision)(const Decision&) = nullptr;  // ledger's decision_to_json; null: none are kept
    std::uint32_t segment_bytes = 4U << 20;
  };

  // Errors: kConflict when another server uses the folder; kUnavailable when it cannot be written or the database is
  // from a newer version. The sentence says what to do.
  static Result<std::unique_ptr<SpendLedger>> open(Options options);

  ~SpendLedger();
  // Bound to the loop that uses it; `loop` counts from 0.
  Journal& journal(int loop) noexcept;
  Store& store() noexcept;
  const ReplayReport& replayed() const noexcept;
  // Thread-safe.
  SpendLedgerStats stats() const noexcept;
  // Books all that was settled and stops the threads. Call it when the loops have stopped; the destructor does it too,
  // but cannot tell of a failure. Unsettled requests are booked as interrupted at the next start.
  Result<void> close();

 private:
  struct Parts;
  explicit SpendLedger(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace orchestra
