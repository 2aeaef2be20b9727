// Models by the names that callers use. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/model.h"

namespace orchestra {

// The index of the model whose id is `name`, or whose bare name it is and nobody else's. kNotFound with code
// "model_not_found"; kInvalid when several providers have a model of that name.
Result<std::size_t> find_model(const Catalogue& catalogue, std::string_view name);

// The local model that answers for an alias of that name now; nothing when there is none. Called on the loop.
using StandIn = std::function<std::optional<ModelId>(std::string_view name)>;

// What finds it again: the bare name, as the READMEs' examples have it, where it is the only one of that name, else the
// whole id.
std::string_view shortest_name(const Catalogue& catalogue, std::size_t model);

}  // namespace orchestra
