// Local models by names that stand for others.
#pragma once

#include <optional>
#include <string_view>

#include "domain/model.h"
#include "gateway/gateway.h"

namespace orchestra {

// The local model that would answer a chat for the alias `name` now, which is what README 001's example ids are while
// nothing of that name is installed. Nothing when `name` is no alias of `catalogue`, or when no local model would.
std::optional<ModelId> stand_in(Gateway& gateway, const Catalogue& catalogue, std::string_view name);

}  // namespace orchestra
