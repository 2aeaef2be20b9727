// The secret key of this deployment's outcomes: learning.key in the data folder, for its owner alone.
#pragma once

#include <string>

#include "base/result.h"
#include "policy/classify/siphash.h"

namespace orchestra::app {

struct LearningKey {
  SipKey key;
  bool fresh = false;  // it was made just now: outcomes that are kept were kept under another one
};

// Makes the file when there is none. kUnavailable: it cannot be read, or holds no key.
Result<LearningKey> open_learning_key(const std::string& folder);

}  // namespace orchestra::app
