// All deadlines of a loop behind one timer. Moving a deadline later, or clearing it, is one store: nothing is relinked
// and no system call is made, because nearly every deadline of a server is moved long before it is due.
//
// A hashed wheel (Varghese and Lauck, 1987) of 1024 slots of 10 ms; what is further away goes round again. A deadline
// is noticed at most 10 ms late, never early.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/task.h"

namespace orchestra::net {

class Deadlines;

// One deadline, a member of whatever must not wait for ever. Loop-bound; destroying it forgets it.
class Deadline {
 public:
  explicit Deadline(std::shared_ptr<Deadlines> wheel) : wheel_(std::move(wheel)) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual ~Deadline();
  // TimePoint::max() is never.
  void set(TimePoint when);
  void set_in(Micros from_now);
  void clear() noexcept { when_ = TimePoint::max(); }

 protected:
  // Due. May set this or any other deadline, and may destroy any.
  virtual void on_deadline() = 0;
  const std::shared_ptr<Deadlines>& wheel() const noexcept { return wheel_; }

 private:
  friend class Deadlines;
  void unlink() noexcept;

  std::shared_ptr<Deadlines> wheel_;  // shared: an operation under way may outlive the server or client
  TimePoint when_ = TimePoint::max();
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  std::int64_t tick_ = 0;  // of the slot that holds it
};

class Deadlines : public std::enable_shared_from_this<Deadlines> {
 public:
  Deadlines(boost::asio::io_context& loop, const Clock& clock);
  TimePoint now() const noexcept { return clock_.now(); }
  const Clock& clock() const noexcept { return clock_; }

 private:
  friend class Deadline;
  static constexpr std::int64_t kSlots = 1024;
  static constexpr Millis kTick{10};

  static std::int64_t tick_after(TimePoint when) noexcept;
  void link(Deadline& deadline);
  void arm(std::int64_t tick);
  void on_timer();
  void run_slot(std::size_t slot, std::int64_t now_tick, TimePoint now);
  std::int64_t next_occupied(std::int64_t from) const noexcept;

  const Clock& clock_;
  Timer timer_;
  std::array<Deadline*, kSlots> slots_{};
  std::array<std::uint64_t, kSlots / 64> occupied_{};
  std::int64_t done_tick_ = 0;   // every slot up to this one has been run
  std::int64_t armed_tick_ = 0;  // 0: the timer sleeps
};

}  // namespace orchestra::net
