// The line, as those see it who send requests along it.
#pragma once

#include "base/task.h"
#include "domain/call.h"
#include "ports/sink.h"

namespace orchestra {

class Line {
 public:
  virtual ~Line() = default;
  // Walks admit to settle. The sink has received the whole answer, or the error, when it returns; the returned error is
  // for the log alone. The call and the sink outlive the coroutine.
  virtual Task<void> serve(const Call& call, Sink& sink) = 0;
};

}  // namespace orchestra
