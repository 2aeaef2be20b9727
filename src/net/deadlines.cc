#include "net/deadlines.h"

#include <bit>
#include <limits>
#include <utility>

namespace orchestra::net {

Deadline::~Deadline() {
  unlink();
}

void Deadline::unlink() noexcept {
  if (previous_ == nullptr) return;
  // The list is circular through a slot's first element, so `previous_` is never null while linked.
  const auto slot = static_cast<std::size_t>(tick_ % Deadlines::kSlots);
  if (next_ == this) {
    wheel_->slots_[slot] = nullptr;
    wheel_->occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  } else {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    if (wheel_->slots_[slot] == this) wheel_->slots_[slot] = next_;
  }
  previous_ = next_ = nullptr;
}

void Deadline::set(TimePoint when) {
  when_ = when;
  if (when == TimePoint::max()) return;
  if (previous_ != nullptr && tick_ <= Deadlines::tick_after(when)) return;
  unlink();
  wheel_->link(*this);
}

void Deadline::set_in(Micros from_now) {
  set(wheel_->now() + from_now);
}

Deadlines::Deadlines(boost::asio::io_context& loop, const Clock& clock)
    : clock_(clock), timer_(loop.get_executor()), done_tick_(tick_after(clock.now()) - 1) {}

std::int64_t Deadlines::tick_after(TimePoint when) noexcept {
  const auto tick = std::chrono::duration_cast<std::chrono::nanoseconds>(kTick).count();
  const auto count = when.time_since_epoch().count();
  return count / tick + 1;
}

void Deadlines::link(Deadline& deadline) {
  std::int64_t tick = std::max(tick_after(deadline.when_), done_tick_ + 1);
  // An idle wheel's slots are all in the past: catch up, or a near deadline would look far away.
  if (armed_tick_ == 0) done_tick_ = std::max(done_tick_, tick_after(now()) - 1);
  tick = std::clamp(tick, done_tick_ + 1, done_tick_ + kSlots - 1);
  const auto slot = static_cast<std::size_t>(tick % kSlots);
  deadline.tick_ = tick;
  if (Deadline* first = slots_[slot]; first != nullptr) {
    deadline.next_ = first;
    deadline.previous_ = first->previous_;
    first->previous_->next_ = &deadline;
    first->previous_ = &deadline;
  } else {
    deadline.next_ = deadline.previous_ = &deadline;
    slots_[slot] = &deadline;
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }
  if (armed_tick_ == 0 || tick < armed_tick_) arm(tick);
}

void Deadlines::arm(std::int64_t tick) {
  armed_tick_ = tick;
  timer_.expires_after(std::max(TimePoint(kTick * tick) - now(), TimePoint::duration::zero()));
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer();
  });
}

void Deadlines::on_timer() {
  const TimePoint at = now();
  // A tick's slot is run once the tick has wholly passed, so that nothing in it is early.
  const std::int64_t now_tick = tick_after(at) - 1;
  const std::int64_t last = std::min(now_tick, done_tick_ + kSlots);
  for (std::int64_t tick = done_tick_ + 1; tick <= last; ++tick) {
    done_tick_ = tick;
    const auto slot = static_cast<std::size_t>(tick % kSlots);
    if (slots_[slot] != nullptr) run_slot(slot, now_tick, at);
  }
  done_tick_ = std::max(done_tick_, now_tick);
  armed_tick_ = 0;
  const std::int64_t next = next_occupied(done_tick_ + 1);
  if (next != 0) arm(next);
}

void Deadlines::run_slot(std::size_t slot, std::int64_t now_tick, TimePoint at) {
  // Deadlines that are set meanwhile go to later slots, so this ends. `armed_tick_` keeps them from arming the timer.
  armed_tick_ = now_tick;
  while (Deadline* deadline = slots_[slot]) {
    deadline->unlink();
    if (deadline->when_ == TimePoint::max()) continue;
    if (deadline->when_ > at) {
      link(*deadline);
      continue;
    }
    deadline->when_ = TimePoint::max();
    deadline->on_deadline();
  }
}

std::int64_t Deadlines::next_occupied(std::int64_t from) const noexcept {
  const std::int64_t end = from + kSlots;
  for (std::int64_t tick = from; tick < end;) {
    const auto slot = static_cast<std::size_t>(tick % kSlots);
    const std::uint64_t word = occupied_[slot / 64] >> (slot % 64);
    if (word != 0) return tick + std::countr_zero(word);
    tick += static_cast<std::int64_t>(64 - slot % 64);
  }
  return 0;
}

}  // namespace orchestra::net
