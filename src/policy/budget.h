// The time that a query's class allows for the first token (README 004: 5, 7, 10, 10 s), put into a plan. Pure.
//
// It holds where the server chose the model and the caller set no deadline. A stream must begin within it, a load taken
// into account, or the next candidate is asked; one that has begun is never cut by it. Of an answer that comes whole
// nothing is seen before its end, and nothing has been sent to the caller either: where another candidate is left, it
// takes over when the budget and twice the expected time of the answer have passed; the last candidate has all the time
// that it had without a budget.
#pragma once

#include "domain/plan.h"

namespace orchestra {

void bound_first_token(Decision& decision, Micros budget);

}  // namespace orchestra
