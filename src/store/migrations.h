// The database's schema, as numbered steps that are only ever added to.
#pragma once

#include <span>
#include <string_view>

#include "store/sqlite.h"

namespace orchestra {

// Step i takes the schema from version i to i + 1.
std::span<const std::string_view> ledger_migrations() noexcept;
std::span<const std::string_view> registry_migrations() noexcept;

// Brings the database to version `steps.size()`: all missing steps in one transaction. kUnavailable when the database
// is from a newer version of the product.
Result<void> migrate(Database& database, std::span<const std::string_view> steps);

}  // namespace orchestra
