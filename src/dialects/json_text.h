// A JSON tree back to text: compact, numbers in their shortest form. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace orchestra {

void append_json(std::string& out, const json::value& value);
std::string json_text(const json::value& value);

}  // namespace orchestra
