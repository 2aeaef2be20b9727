#include "fleet/gate.h"

namespace orchestra {
namespace {

// The word: generation 32 bits, limit 14, in flight 14, notify 1, open 1.
constexpr std::uint64_t kOpen = 1;
constexpr std::uint64_t kNotify = 2;
constexpr std::uint64_t kOne = 4;
constexpr std::uint64_t kMask14 = (1U << 14) - 1;

constexpr std::uint64_t count_of(std::uint64_t word) noexcept {
  return word >> 2 & kMask14;
}
constexpr std::uint64_t limit_of(std::uint64_t word) noexcept {
  return word >> 16 & kMask14;
}
constexpr std::uint32_t generation_of(std::uint64_t word) noexcept {
  return static_cast<std::uint32_t>(word >> 32);
}

}  // namespace

std::optional<std::uint32_t> Gate::take(bool only_if_open) noexcept {
  auto word = word_.load(std::memory_order_acquire);
  do {
    if (only_if_open && (word & kOpen) == 0) return std::nullopt;
    if (count_of(word) >= limit_of(word)) return std::nullopt;
  } while (!word_.compare_exchange_weak(word, word + kOne, std::memory_order_acq_rel, std::memory_order_acquire));
  return generation_of(word);
}

std::optional<std::uint32_t> Gate::enter() noexcept {
  return take(true);
}

std::optional<std::uint32_t> Gate::admit() noexcept {
  return take(false);
}

void Gate::leave(std::uint32_t generation) noexcept {
  auto word = word_.load(std::memory_order_acquire);
  // Before the count falls: whoever sees the place empty also sees when it became so.
  if (generation_of(word) == generation) {
    last_left_.store(clock_.now().time_since_epoch().count(), std::memory_order_relaxed);
  }
  do {
    if (generation_of(word) != generation) return;
  } while (!word_.compare_exchange_weak(word, word - kOne, std::memory_order_acq_rel, std::memory_order_acquire));
  if ((word & kNotify) != 0) freed_(model_);
}

int Gate::in_flight() const noexcept {
  return static_cast<int>(count_of(word_.load(std::memory_order_acquire)));
}

TimePoint Gate::last_left() const noexcept {
  return TimePoint(TimePoint::duration(last_left_.load(std::memory_order_relaxed)));
}

void Gate::renew(int limit) noexcept {
  auto word = word_.load(std::memory_order_acquire);
  const auto places = static_cast<std::uint64_t>(limit) & kMask14;
  std::uint64_t fresh = 0;
  do {
    fresh = (static_cast<std::uint64_t>(generation_of(word) + 1) << 32) | places << 16;
  } while (!word_.compare_exchange_weak(word, fresh, std::memory_order_acq_rel, std::memory_order_acquire));
  last_left_.store(0, std::memory_order_relaxed);
}

int Gate::set(bool open, bool notify) noexcept {
  const std::uint64_t flags = (open ? kOpen : 0) | (notify ? kNotify : 0);
  auto word = word_.load(std::memory_order_acquire);
  while (!word_.compare_exchange_weak(word, (word & ~(kOpen | kNotify)) | flags, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
  }
  return static_cast<int>(count_of(word));
}

GateTable::~GateTable() {
  for (auto& head : heads_) {
    for (Node* node = head.load(); node != nullptr;) {
      const std::unique_ptr<Node> dead(node);
      node = dead->next;
    }
  }
}

Gate* GateTable::find(const ModelId& model) const noexcept {
  for (const Node* node = heads_[bucket(model)].load(std::memory_order_acquire); node != nullptr; node = node->next) {
    if (node->gate->model() == model) return node->gate.get();
  }
  return nullptr;
}

Gate& GateTable::add(std::unique_ptr<Gate> gate) {
  auto& head = heads_[bucket(gate->model())];
  auto node = std::make_unique<Node>(std::move(gate), head.load(std::memory_order_relaxed));
  Gate& added = *node->gate;
  head.store(node.release(), std::memory_order_release);
  return added;
}

}  // namespace orchestra
