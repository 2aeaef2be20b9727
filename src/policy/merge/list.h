// Every merge there is.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "policy/merge/merge.h"

namespace orchestra {

std::span<const Merge* const> merges() noexcept;

// By name or alias, case-sensitive. kUnprocessable with code "unknown_merge" and the allowed names.
Result<const Merge*> find_merge(std::string_view name);

}  // namespace orchestra
