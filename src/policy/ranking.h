// Contenders in the order in which they are asked. Pure.
#pragma once

#include <span>
#include <vector>

#include "domain/plan.h"
#include "policy/strategies/strategy.h"

namespace orchestra {

// Scores the contenders, which stand in the order of the catalogue, by `strategy`, and gives the indices of the first
// `most` of them: those that cool down last, before them those that are marked as loading; else a chain's members in
// its order, then by score.
std::vector<std::uint32_t> rank(const Strategy& strategy, const Features& features, std::span<Contender> contenders,
                                std::size_t most);

}  // namespace orchestra
