// Somebody who waits for the fleet: a coroutine on any loop, and its entry in a line on the control loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/letterbox.h"
#include "domain/fleet_view.h"
#include "ports/workers.h"

namespace orchestra {

enum class WishKind : std::uint8_t { kLease, kLoad, kUnload, kView, kShutdown };

struct Wish {
  WishKind kind = WishKind::kView;
  ModelId model;
  TimePoint deadline = TimePoint::max();
  std::function<void(const WorkerView&)> progress;  // kLoad; runs on the waiting loop
};

struct Granted {
  std::optional<Lease> lease;  // kLease
  FleetViewPtr view;           // kView
};

// `wish` never changes. An answer that finds the coroutine gone is dropped, which gives a lease back.
class Waiter {
 public:
  Waiter(Executor loop, Wish wish) : wish_(std::move(wish)), box_(std::move(loop)) {}
  const Wish& wish() const noexcept { return wish_; }
  // Any thread: the coroutine has ended or was cancelled; its loop may be gone as well.
  bool gone() const noexcept { return box_.gone(); }

  // Control loop: the one answer, and progress before it. `self` keeps the waiter alive on its way.
  static void answer(const std::shared_ptr<Waiter>& self, Result<Granted> answer);
  static void report(const std::shared_ptr<Waiter>& self, const WorkerView& view);

  // The waiting loop. Returns when the answer is there, or kCancelled.
  static Task<Granted> wait(std::shared_ptr<Waiter> self);

 private:
  Wish wish_;
  Letterbox<Granted> box_;
};
using WaiterPtr = std::shared_ptr<Waiter>;  // shared: the line, the coroutine and letters on their way hold it

}  // namespace orchestra
