// Where an answer goes. api/ implements it as dialect encoder + Exchange; tests use FakeSink.
#pragma once

#include "base/task.h"
#include "domain/spend.h"
#include "domain/stream.h"

namespace orchestra {

// Loop-bound; one call at a time. Order of calls: keep_alive (any number), begin, write..., with the last write
// carrying kEnd; or fail at any time, as the last call.
class Sink {
 public:
  virtual ~Sink() = default;
  // Only for callers who stream, before begin: first content is late. The first call sends status 200 and the SSE head,
  // each one an SSE comment. After it `begin` still comes (its status and header fields can no longer be sent), and
  // `fail` is the dialect's error event.
  virtual Task<void> keep_alive() = 0;
  virtual Task<void> begin(const Head& head) = 0;
  // Returns when the kernel took the bytes. An error means that the caller is gone.
  virtual Task<void> write(const Chunk& chunk) = 0;
  // Before begin: a status and the dialect's error body. After it: the dialect's error event, and never `[DONE]`.
  virtual Task<void> fail(const Error& error) = 0;
  // What the ledger has of the request: before the last write, or before fail.
  virtual void booked(const SpendSettled& settled) noexcept { (void)settled; }
};

}  // namespace orchestra
