// Leases on local workers. fleet/ implements it.
#pragma once

#include <functional>
#include <optional>

#include "base/task.h"
#include "domain/model.h"
#include "ports/http.h"

namespace orchestra {

// A place in a ready worker; giving it back is destroying it. Move-only; may be destroyed on any thread.
class Lease {
 public:
  Lease(Endpoint endpoint, std::function<void()> give_back)
      : endpoint_(std::move(endpoint)), give_back_(std::move(give_back)) {}
  Lease(Lease&& other) noexcept
      : endpoint_(std::move(other.endpoint_)), give_back_(std::exchange(other.give_back_, {})) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (give_back_) give_back_();
  }
  const Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  Endpoint endpoint_;
  std::function<void()> give_back_;
};

// Thread-safe: called from every data loop.
class Workers {
 public:
  virtual ~Workers() = default;
  // A lease if the model is READY and has a free slot; one atomic, no hop to another thread.
  virtual std::optional<Lease> try_lease(const ModelId& model) noexcept = 0;
  // May load the model and may evict others; waits in line until `deadline`. Errors: kNotFound, kNoMemory (with what
  // would be needed), kTimeout, kUnavailable (quarantined after repeated crashes, with the reason).
  virtual Task<Lease> lease(const ModelId& model, TimePoint deadline) = 0;
};

}  // namespace orchestra
