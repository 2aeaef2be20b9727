// The server's Handler: request id, authentication, routing, and the errors of paths that do not exist.
#pragma once

#include <memory>

#include "api/keys.h"
#include "api/router.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "ports/exchange.h"

namespace orchestra {

// Loop-bound; the router and the clock outlive it.
class Dispatcher final : public Handler {
 public:
  Dispatcher(const Router& router, const Clock& clock, std::shared_ptr<const ApiKeys> keys);
  Task<void> handle(Exchange& exchange) override;
  // Not for paths that do not exist, nor from callers who may not enter: they must not fill the memory.
  bool wants_body(const HttpRequest& head) const override;
  // Called on the loop after a reload.
  void set_keys(std::shared_ptr<const ApiKeys> keys) { keys_ = std::move(keys); }

 private:
  const Router& router_;
  const Clock& clock_;
  std::shared_ptr<const ApiKeys> keys_;  // shared: every loop holds the same set until a reload
};

}  // namespace orchestra
