// The environment variables that are known: those that act now, and those of the five READMEs that do not yet.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "settings/load.h"
#include "settings/section.h"
#include "settings/settings.h"

namespace orchestra::settings {

struct KnownVariable {
  std::string_view name;
  std::string_view purpose;
};

// Act now, besides <NAME>_API_KEY and <NAME>_BASE_URL of every provider row.
std::span<const KnownVariable> used_variables();
// Recognised, without effect yet.
std::span<const KnownVariable> unused_variables();

// The unused ones that `variables` sets, in the table's order.
std::vector<UnusedVariable> find_unused(const Variables& variables);

// Applies the variables that are no provider's. Problems carry the variable's name and where it was set.
void apply_variables(Reading& reading, Settings& settings);

// The value of a variable; nothing when it is not set or empty.
const std::string* lookup(const Variables& variables, std::string_view name);

// A problem with a variable's value, at the place where the variable was set.
void complain_variable(Reading& reading, std::string_view name, std::string what, std::vector<std::string> allowed = {},
                       std::string nearest = {});

}  // namespace orchestra::settings
