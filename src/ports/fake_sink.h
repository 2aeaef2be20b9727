// A sink that keeps what it was given.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ports/sink.h"

namespace orchestra {

class FakeSink final : public Sink {
 public:
  Task<void> keep_alive() override {
    if (gone()) co_return orchestra::fail(Fault::kCancelled, "The client left.");
    ++kept_alive;
    co_return Result<void>();
  }
  Task<void> begin(const Head& given) override {
    head = given;
    if (gone()) co_return orchestra::fail(Fault::kCancelled, "The client left.");
    co_return Result<void>();
  }
  Task<void> write(const Chunk& chunk) override {
    if (on_write) on_write(chunk);
    if (gone()) co_return orchestra::fail(Fault::kCancelled, "The client left.");
    if (leave_after_writes > 0) --leave_after_writes;
    text += chunk.wire;
    events.insert(events.end(), chunk.events.begin(), chunk.events.end());
    ++writes;
    ended = (chunk.marks & kEnd) != 0;
    co_return Result<void>();
  }
  Task<void> fail(const Error& given) override {
    if (on_fail) on_fail();
    error = given;
    co_return Result<void>();
  }
  void booked(const SpendSettled& settled) noexcept override {
    cost = settled.cost;
    booked_after_writes = writes;
  }
  bool gone() const noexcept { return leave_after_writes == 0; }

  std::optional<Head> head;
  std::string text;
  std::vector<Event> events;
  std::optional<Error> error;
  std::optional<MicroUsd> cost;  // as it was booked
  int writes = 0, kept_alive = 0, booked_after_writes = -1;
  bool ended = false;
  int leave_after_writes = -1;  // the client is gone after so many writes; -1: never
  std::function<void(const Chunk&)> on_write;
  std::function<void()> on_fail;
};

}  // namespace orchestra
