// The completion handler of one suspended coroutine, kept without allocation. Internal to net/; loop-bound.
// (Boost 1.81's any_completion_handler recurses without end when it is move-assigned.)
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace orchestra::net {

template <class Value>
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { clear(); }
  // A coroutine that still waits is destroyed with its handler, and with it whatever it owns.
  void clear() noexcept {
    if (run_ != nullptr) std::exchange(run_, nullptr)(room_, nullptr);
  }

  bool waiting() const noexcept { return run_ != nullptr; }

  // Not while another one waits. `on_cancel` is called inside emit(): it must only post.
  template <class Handler, class OnCancel>
  void set(Handler&& handler, OnCancel on_cancel) {
    using Kept = std::decay_t<Handler>;
    static_assert(sizeof(Kept) <= kRoom && std::is_nothrow_move_constructible_v<Kept>);
    slot_ = boost::asio::get_associated_cancellation_slot(handler);
    new (room_) Kept(std::forward<Handler>(handler));
    run_ = [](void* room, Value* value) {
      auto* kept = static_cast<Kept*>(room);
      Kept moved(std::move(*kept));
      kept->~Kept();
      if (value != nullptr) std::move(moved)(std::move(*value));
    };
    if (slot_.is_connected()) slot_.assign(std::move(on_cancel));
  }

  // Resumes the coroutine, now. It may wait again, or destroy this.
  void complete(Value value) {
    slot_.clear();
    std::exchange(run_, nullptr)(room_, &value);
  }

 private:
  static constexpr std::size_t kRoom = 64;

  alignas(std::max_align_t) std::byte room_[kRoom];
  void (*run_)(void* room, Value* value) = nullptr;
  boost::asio::cancellation_slot slot_;
};

}  // namespace orchestra::net
