// What an upstream did wrong with its answer, as errors (kUpstream) that every decoder and scanner shares.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace orchestra {

// No whole answer may be bigger: a lying upstream must not fill the memory.
inline constexpr std::size_t kMaxAnswer = std::size_t{256} << 20;

// The end came before the end mark.
Error answer_broke_off();
// `what` is "an event", "a line" or "an answer" and could not be read.
Error answer_unreadable(std::string_view what);
Error answer_too_large();

}  // namespace orchestra
