// How a request ended whose choice was open, as far as it tells whether its caller was content. No text.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "domain/outcome.h"

namespace orchestra {

struct QueryEnd {
  RequestId id;
  OutcomeFact about;         // model, task, class, stratum and time of the answer
  std::uint64_t prompt = 0;  // of who asked, in which session, and what, hashed under this deployment's key; 0: it is
                             // none whose repetition says anything
  TimePoint began{}, ended{};
  bool answered = false;  // whole; else the caller left in the middle of it
};

}  // namespace orchestra
