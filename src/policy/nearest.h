// The nearest spellings of a mistyped name. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orchestra {

// Edits between two words: insert, delete, replace, swap neighbours (optimal string alignment); letters of either case
// are equal. Stops early and returns `limit + 1` when it is more than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// At most `count` of `known`, nearest first; only those that share a third of the asked word or contain it.
std::vector<std::string> nearest_names(std::string_view asked, std::span<const std::string_view> known,
                                       std::size_t count);

}  // namespace orchestra
