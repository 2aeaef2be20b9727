// Tells the registry how the models did that a walk asked. Without somebody to tell (Walk::outcomes null) nothing is
// done.
#pragma once

#include <optional>

#include "gateway/walk.h"

namespace orchestra {

// Of the attempt that answered, once it is booked. `success` empty: the caller left in the middle of it. Of an answer
// that came whole, the first content is not known; of a model that had to be loaded, neither time is its own.
void tell_answered(const Walk& walk, std::optional<bool> success) noexcept;

// Of a candidate that gave no answer, or broke off in it; unless that says nothing of the model: the request was at
// fault, or the caller in haste. Of a stream that did not begin within the budget of the query's class, that budget is
// its time to first content.
void tell_failed(const Walk& walk, std::size_t candidate, const Error& error) noexcept;

}  // namespace orchestra
