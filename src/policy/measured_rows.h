// What was measured, as the terms of a score read it. Pure.
#pragma once

#include <vector>

#include "domain/performance.h"
#include "policy/terms.h"

namespace orchestra {

// By index into the view's catalogue, for requests of that kind. What was measured for other kinds tells something of
// this one too: the view has weighed it in.
std::vector<Measured> measured_rows(const PerformanceView& view, TaskKind task, int query_class, int stratum);

}  // namespace orchestra
