// What each model of a chain but the first is asked. Pure.
#pragma once

#include <string>
#include <string_view>

namespace orchestra {

// The question with the answer so far, to be made better.
std::string chain_prompt(std::string_view question, std::string_view answer);

}  // namespace orchestra
