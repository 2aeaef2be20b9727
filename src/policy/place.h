// Where a model goes, and who has to go for it. Pure: a snapshot of the memory ledger in, one decision out.
//
// free(d) = min(budget - booked, driver_free - booked but not yet seen by the driver)     (DESIGN 7)
//
// Check and reserve are one step because the caller books the answer before it does anything else. The whole victim set
// is planned first: least recently used among the idle and unpinned, and nothing that turns out not to be needed. If
// all of them together are not enough, nobody goes.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/units.h"
#include "domain/model.h"

namespace orchestra {

struct PlaceDevice {
  std::string name;
  Bytes budget;       // the most that may be booked
  Bytes driver_free;  // as observed now
};

// One holder of memory in the ledger.
struct Booking {
  ModelId model;
  std::size_t device = 0;
  Bytes booked;
  Bytes unseen;          // the part of it that driver_free does not reflect yet
  bool leaving = false;  // on its way out: its bytes will be free without an eviction
  bool pinned = false;
  bool busy = false;  // has leases, or somebody waits for it, or it is still loading
  TimePoint last_used{};
};

// What a model needs on each device it may go to, in order of preference.
struct PlaceOption {
  std::size_t device = 0;
  Bytes need;
};

struct Placement {
  std::size_t device = 0;
  std::vector<ModelId> victims;  // to be gone before it is booked; empty: book now
};
// Others give back enough soon: those that are leaving, or busy ones once they are idle.
struct AwaitRoom {};
// Not even an empty device (pinned models aside) would do.
struct NoRoom {
  Bytes need, free;  // on the device where the least is missing
};
using PlaceDecision = std::variant<Placement, AwaitRoom, NoRoom>;

Bytes free_on(std::size_t device, std::span<const PlaceDevice> devices, std::span<const Booking> bookings) noexcept;

// Prefers: a device where it fits now, in the order of `options`; then one where evicting idle models suffices; then
// waiting.
PlaceDecision place(std::span<const PlaceDevice> devices, std::span<const Booking> bookings,
                    std::span<const PlaceOption> options);

}  // namespace orchestra
