// Streaming callers who wait for first content: after `hold` each gets Sink::keep_alive, and again every `interval`.
//
// One per loop, loop-bound. A request takes a Place and costs a list node: one timer serves the whole loop, armed for
// the longest waiter only. Not before a place is due does a coroutine of its own write to the sink, beside the one that
// runs the plan; `release` gives the sink back.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <list>
#include <memory>

#include "base/clock.h"
#include "base/task.h"
#include "ports/sink.h"

namespace orchestra {

class Holds {
 public:
  Holds(Executor loop, const Clock& clock, Micros hold, Micros interval);
  ~Holds();

  class Place {
   public:
    Place(Holds& holds, Sink& sink);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    // Ends the keeping alive and waits for a write that is under way; the sink is the caller's alone from then on.
    // Also finishes when the caller has been cancelled. Must be called before the sink is used or destroyed.
    boost::asio::awaitable<void, Executor> release();
    // Whether status 200 has gone out.
    bool kept_alive() const noexcept { return keeping_ != nullptr; }

   private:
    friend class Holds;
    Holds* holds_;  // null once out of the list
    Sink& sink_;
    TimePoint due_;
    std::list<Place*>::iterator where_;
    std::shared_ptr<struct Keeping> keeping_;  // shared with the coroutine that writes
  };

  void set(Micros hold, Micros interval) noexcept;

 private:
  void arm();
  void due();

  Executor loop_;
  const Clock& clock_;
  Micros hold_, interval_;
  std::list<Place*> waiting_;  // the longest waiter first
  Timer timer_;
  bool armed_ = false;
  std::shared_ptr<Holds*> self_;  // shared: what the timer's handler checks; null inside once this is gone
};

}  // namespace orchestra
