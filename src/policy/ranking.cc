#include "policy/ranking.h"

#include <algorithm>
#include <numeric>

namespace orchestra {

std::vector<std::uint32_t> rank(const Strategy& strategy, const Features& features, std::span<Contender> contenders,
                                std::size_t most) {
  strategy.rank(features, contenders);
  std::vector<std::uint32_t> order(contenders.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [contenders](std::uint32_t a, std::uint32_t b) {
    const Contender &x = contenders[a], &y = contenders[b];
    if (x.cooling != y.cooling) return y.cooling;
    if (x.loading != y.loading) return y.loading;
    // As unsigned numbers, -1 comes last.
    const auto x_position = static_cast<std::uint32_t>(x.position), y_position = static_cast<std::uint32_t>(y.position);
    if (x_position != y_position) return x_position < y_position;
    if (x.score != y.score) return x.score > y.score;
    return a < b;
  };
  const auto kept = std::min(order.size(), most);
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(kept), before);
  order.resize(kept);
  return order;
}

}  // namespace orchestra
