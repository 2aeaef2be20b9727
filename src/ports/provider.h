// A provider opens streams: one upstream answer each. Remote services and local workers look alike behind it.
#pragma once

#include <memory>

#include "base/task.h"
#include "domain/call.h"
#include "domain/plan.h"
#include "domain/stream.h"

namespace orchestra {

// One try. The references outlive the stream.
struct Attempt {
  const Call& call;
  const Candidate& candidate;
  TimePoint deadline;  // of the whole answer
  TimePoint first_content_by;
  Micros connect{};
  Micros idle{};  // longest silence between two chunks
};

// One upstream answer. Loop-bound. Destroying it cancels the upstream and gives the lease back; that is the only way to
// cancel, and it takes effect within 10 ms.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual const Head& head() const noexcept = 0;
  // The first result carries kContent or kEnd. After kEnd or an error it must not be called again. The chunk is valid
  // until the next call.
  virtual Task<Chunk> next() = 0;
  // True at any moment, also after a failure.
  virtual Tally tally() const noexcept = 0;
};

class Provider {
 public:
  virtual ~Provider() = default;
  // Returns at the first content (or the end of an empty answer), so that an error inside a 200 is still an Error.
  virtual Task<std::unique_ptr<Stream>> open(const Attempt& attempt) = 0;
};

// The loop's providers by name ("openai", "local", ...). Null when there is none.
class Providers {
 public:
  virtual ~Providers() = default;
  virtual Provider* find(std::string_view name) noexcept = 0;
};

}  // namespace orchestra
