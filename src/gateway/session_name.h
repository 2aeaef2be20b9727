// Which session a request belongs to that names none.
#pragma once

#include <cstdint>

#include "domain/call.h"
#include "policy/classify/feature_key.h"

namespace orchestra {

// A keyed hash of who calls and of how the conversation began: every message up to the first of the user, which every
// later request of it repeats. 0: it is no conversation, or nothing was said yet.
std::uint64_t session_by_beginning(const Call& call, const FeatureKey& key);

}  // namespace orchestra
