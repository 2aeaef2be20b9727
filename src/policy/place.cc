#include "policy/place.h"

#include <algorithm>

namespace orchestra {
namespace {

bool evictable(const Booking& booking) noexcept {
  return !booking.pinned && !booking.busy && !booking.leaving;
}

// Evicting a model gives back its booking, and to the driver only what the driver already counts as taken.
class Room {
 public:
  Room(std::size_t device, std::span<const PlaceDevice> devices, std::span<const Booking> bookings) {
    ledger_ = devices[device].budget;
    driver_ = devices[device].driver_free;
    for (const auto& booking : bookings) {
      if (booking.device != device) continue;
      ledger_ -= booking.booked;
      driver_ -= booking.unseen;
    }
  }
  void without(const Booking& booking) noexcept {
    ledger_ += booking.booked;
    driver_ += booking.booked;
  }
  Bytes free() const noexcept { return std::max(Bytes(0), std::min(ledger_, driver_)); }

 private:
  Bytes ledger_, driver_;
};

// The shortest run of least recently used idle models that makes room, without those it turns out not to need.
std::optional<std::vector<ModelId>> victims_for(const PlaceOption& option, const Room& start,
                                                std::span<const Booking> bookings) {
  std::vector<const Booking*> idle;
  for (const auto& booking : bookings) {
    if (booking.device == option.device && evictable(booking)) idle.push_back(&booking);
  }
  std::ranges::sort(idle, {}, [](const Booking* b) { return b->last_used; });
  Room room = start;
  std::vector<const Booking*> chosen;
  for (const auto* booking : idle) {
    if (room.free() >= option.need) break;
    room.without(*booking);
    chosen.push_back(booking);
  }
  if (room.free() < option.need) return std::nullopt;
  // An early small victim may be superfluous once a later big one was needed; spare the most recently used first.
  for (auto spared = chosen.rbegin(); spared != chosen.rend(); ++spared) {
    Room without_it = start;
    for (const auto* other : chosen) {
      if (other != nullptr && other != *spared) without_it.without(*other);
    }
    if (without_it.free() >= option.need) *spared = nullptr;
  }
  std::vector<ModelId> victims;
  for (const auto* booking : chosen) {
    if (booking != nullptr) victims.push_back(booking->model);
  }
  return victims;
}

// Whether the model would fit once everything that is not pinned is gone.
Bytes reachable(const PlaceOption& option, Room room, std::span<const Booking> bookings) {
  for (const auto& booking : bookings) {
    if (booking.device == option.device && (!booking.pinned || booking.leaving)) room.without(booking);
  }
  return room.free();
}

}  // namespace

Bytes free_on(std::size_t device, std::span<const PlaceDevice> devices, std::span<const Booking> bookings) noexcept {
  return Room(device, devices, bookings).free();
}

PlaceDecision place(std::span<const PlaceDevice> devices, std::span<const Booking> bookings,
                    std::span<const PlaceOption> options) {
  for (const auto& option : options) {
    if (free_on(option.device, devices, bookings) >= option.need) return Placement{option.device, {}};
  }
  // What is already on its way out may do without evicting anybody else.
  for (const auto& option : options) {
    Room room(option.device, devices, bookings);
    bool any = false;
    for (const auto& booking : bookings) {
      if (booking.device != option.device || !booking.leaving) continue;
      room.without(booking);
      any = true;
    }
    if (any && room.free() >= option.need) return AwaitRoom{};
    if (auto victims = victims_for(option, room, bookings)) return Placement{option.device, std::move(*victims)};
  }
  std::optional<NoRoom> best;
  for (const auto& option : options) {
    const Room room(option.device, devices, bookings);
    if (reachable(option, room, bookings) >= option.need) return AwaitRoom{};
    const NoRoom here{option.need, room.free()};
    if (!best || here.need - here.free < best->need - best->free) best = here;
  }
  return best.value_or(NoRoom{});
}

}  // namespace orchestra
