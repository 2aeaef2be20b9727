// The answer of which most is known to speak for it; shared with the merges that fall back to it. Pure.
#pragma once

#include "policy/merge/merge.h"

namespace orchestra {

// The highest of `confidences`; of equal ones the first.
Merged most_confident(std::span<const MemberAnswer> answers);

}  // namespace orchestra
