// How the decoders of OpenAI bodies read one field and refuse one. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace orchestra {

inline std::unexpected<Error> refuse_field(std::string param, std::string what) {
  return fail(Error{.fault = Fault::kInvalid, .what = std::move(what), .param = std::move(param)});
}

inline std::string string_or_empty(const json::value& object, std::string_view key) {
  return std::string(find_string(object, key).value_or(""));
}

}  // namespace orchestra
