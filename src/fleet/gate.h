// The door of one worker: how many leases are out, and whether more may be taken. One atomic word.
//
// Data loops enter and leave without a hop. The control loop opens and closes the door, admits those in its line, and
// renews the word when a process starts or ends: leases of an earlier process carry an older generation, so that giving
// them back changes nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/model.h"
#include "ports/http.h"

namespace orchestra {

class Gate {
 public:
  // `freed` is called on the leaving thread while notify is set.
  Gate(ModelId model, Endpoint endpoint, const Clock& clock, std::function<void(const ModelId&)> freed)
      : model_(std::move(model)), endpoint_(std::move(endpoint)), clock_(clock), freed_(std::move(freed)) {}

  const ModelId& model() const noexcept { return model_; }
  const Endpoint& endpoint() const noexcept { return endpoint_; }

  // Any thread. The generation to leave with, if the door is open and a place is free.
  std::optional<std::uint32_t> enter() noexcept;
  void leave(std::uint32_t generation) noexcept;
  int in_flight() const noexcept;
  // When the last lease was given back; the epoch if none was since the last renewal.
  TimePoint last_left() const noexcept;

  // Control loop only.
  // Enters although the door is closed: for those who waited in line.
  std::optional<std::uint32_t> admit() noexcept;
  // A new process with `limit` places: nobody is inside, the door is closed.
  void renew(int limit) noexcept;
  // `open`: newcomers may enter. `notify`: every leaving is reported. Returns how many are inside at that instant.
  int set(bool open, bool notify) noexcept;

 private:
  std::optional<std::uint32_t> take(bool only_if_open) noexcept;

  ModelId model_;
  Endpoint endpoint_;
  const Clock& clock_;
  std::function<void(const ModelId&)> freed_;
  alignas(64) std::atomic<std::uint64_t> word_{0};
  std::atomic<std::int64_t> last_left_{0};
};

// All gates by model, for lookups from any thread without a lock. Gates are added by the control loop and never
// removed: one that belongs to no model any more stays closed.
class GateTable {
 public:
  GateTable() = default;
  ~GateTable();
  GateTable(const GateTable&) = delete;
  GateTable& operator=(const GateTable&) = delete;

  Gate* find(const ModelId& model) const noexcept;
  // Control loop only. Precondition: find(gate->model()) is null.
  Gate& add(std::unique_ptr<Gate> gate);

 private:
  struct Node {
    std::unique_ptr<Gate> gate;
    Node* next = nullptr;
  };
  static constexpr std::size_t kBuckets = 1024;
  static std::size_t bucket(const ModelId& model) noexcept { return std::hash<std::string>()(model.text) % kBuckets; }

  std::array<std::atomic<Node*>, kBuckets> heads_{};
};

}  // namespace orchestra
