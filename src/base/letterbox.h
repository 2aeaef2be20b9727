// One answer from another loop to a coroutine that waits for it.
#pragma once

#include <atomic>
#include <optional>
#include <utility>

#include "base/task.h"

namespace orchestra {

// Shared by the two loops, in something that lives as long as either may use it. Answers travel by post to `loop()`;
// one that finds the coroutine gone (cancelled, or its loop ended) is dropped there.
template <class T>
class Letterbox {
 public:
  explicit Letterbox(Executor loop) : loop_(std::move(loop)) {}
  // Any thread.
  const Executor& loop() const noexcept { return loop_; }
  // Any thread: the coroutine has ended or was cancelled; its loop may be gone as well.
  bool gone() const noexcept { return gone_.load(std::memory_order_acquire); }

  // The waiting loop: whether somebody waits, and the one answer.
  bool open() const noexcept { return bell_ != nullptr; }
  void put(Result<T> letter) {
    if (bell_ == nullptr) return;
    letter_.emplace(std::move(letter));
    bell_->cancel();
  }

  // The waiting loop, once. Returns when the answer is there, or kCancelled with `sentence`.
  Task<T> wait(const char* sentence) {
    Timer bell(loop_, std::chrono::steady_clock::now() + std::chrono::hours(24 * 365));
    struct Listening {
      Letterbox& box;
      ~Listening() {
        box.bell_ = nullptr;
        box.gone_.store(true, std::memory_order_release);
      }
    } const listening{*this};
    bell_ = &bell;
    co_await rung(bell);
    if (!letter_) co_return fail(Fault::kCancelled, sentence);
    co_return std::move(*letter_);
  }

 private:
  Executor loop_;
  Timer* bell_ = nullptr;  // null: nobody waits any more
  std::optional<Result<T>> letter_;
  std::atomic<bool> gone_{false};
};

}  // namespace orchestra
