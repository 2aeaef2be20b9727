#include "policy/ranking.h"

#include <algorithm>
#include <bit>

namespace orchestra {
namespace {

// A contender's place in one number, the lowest first: the bits of its cool-down and of its loading, 30 of its
// position and 32 of its score. Of many contenders numbers that stand together are sorted much faster than the
// contenders are.
struct Place {
  std::uint64_t key = 0;
  std::uint32_t index = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// Grows as the score falls. Of a negative float the bits grow as it falls; 0 and -0 are one score.
std::uint32_t falling(float score) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
  return (bits >> 31U) != 0 ? bits : ~(bits | 1U << 31U);
}

std::uint64_t key_of(const Contender& contender) noexcept {
  const std::uint64_t cooling = contender.cooling ? 1 : 0, loading = contender.loading ? 1 : 0;
  // As an unsigned number, -1 comes last.
  const std::uint64_t position = static_cast<std::uint32_t>(contender.position) & 0x3fffffffU;
  return cooling << 63U | loading << 62U | position << 32U | falling(contender.score);
}

// The first `most` of what it is shown, in their order. Where there are many it looks at most of them once.
class First {
 public:
  explicit First(std::size_t most, std::size_t all) : most_(most), room_(std::min(2 * most, all)) {
    places_.reserve(room_);
  }
  void show(Place place) {
    if (full_ && place.key > last_.key) return;
    places_.push_back(place);
    if (places_.size() < room_ || places_.size() <= most_) return;
    keep();
    full_ = true;
  }
  std::vector<std::uint32_t> order() {
    if (places_.size() > most_) keep();
    std::ranges::sort(places_);
    std::vector<std::uint32_t> order(places_.size());
    std::ranges::transform(places_, order.begin(), &Place::index);
    return order;
  }

 private:
  void keep() {
    if (most_ == 0) return places_.clear();
    const auto last = places_.begin() + static_cast<std::ptrdiff_t>(most_ - 1);
    std::ranges::nth_element(places_, last);
    last_ = *last;
    places_.resize(most_);
  }

  std::size_t most_, room_;
  std::vector<Place> places_;
  bool full_ = false;
  Place last_;
};

}  // namespace

std::vector<std::uint32_t> rank(const Strategy& strategy, const Features& features, std::span<Contender> contenders,
                                std::size_t most) {
  strategy.rank(features, contenders);
  First first(most, contenders.size());
  for (std::uint32_t index = 0; index < contenders.size(); ++index) first.show({key_of(contenders[index]), index});
  return first.order();
}

}  // namespace orchestra
