// Somebody who waits for the fleet: a coroutine on any loop, and its entry in a line on the control loop.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "base/task.h"
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

// `loop` and `wish` never change. The letter and the bell belong to the waiting loop: answers travel there by post, and
// an answer that finds the coroutine gone is dropped, which gives a lease back.
class Waiter {
 public:
  Waiter(Executor loop, Wish wish) : wish_(std::move(wish)), loop_(std::move(loop)) {}
  const Wish& wish() const noexcept { return wish_; }
  // Any thread: the coroutine has ended or was cancelled; its loop may be gone as well.
  bool gone() const noexcept { return gone_.load(std::memory_order_acquire); }

  // Control loop: the one answer, and progress before it. `self` keeps the waiter alive on its way.
  static void answer(const std::shared_ptr<Waiter>& self, Result<Granted> answer);
  static void report(const std::shared_ptr<Waiter>& self, const WorkerView& view);

  // The waiting loop. Returns when the answer is there, or kCancelled.
  static Task<Granted> wait(std::shared_ptr<Waiter> self);

 private:
  Wish wish_;
  Executor loop_;
  Timer* bell_ = nullptr;  // null: nobody waits any more
  std::optional<Result<Granted>> letter_;
  std::atomic<bool> gone_{false};
};
using WaiterPtr = std::shared_ptr<Waiter>;  // shared: the line, the coroutine and letters on their way hold it

}  // namespace orchestra
