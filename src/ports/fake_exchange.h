// An exchange that keeps what was written.
#pragma once

#include <string>
#include <vector>

#include "ports/exchange.h"

namespace orchestra {

class FakeExchange final : public Exchange {
 public:
  explicit FakeExchange(HttpRequest request) : request_(std::move(request)) {}
  const HttpRequest& request() const noexcept override { return request_; }
  Task<void> respond(HttpResponse response) override {
    answer = std::move(response);
    responded = finished = true;
    co_return Result<void>();
  }
  Task<void> begin(HttpResponse head) override {
    answer = std::move(head);
    begun = true;
    co_return Result<void>();
  }
  Task<void> write(std::string_view bytes) override {
    if (leave_after_writes == 0) co_return fail(Fault::kCancelled, "The client left.");
    if (leave_after_writes > 0) --leave_after_writes;
    written.emplace_back(bytes);
    co_return Result<void>();
  }
  Task<void> finish() override {
    finished = true;
    co_return Result<void>();
  }

  HttpResponse answer;
  std::vector<std::string> written;
  bool responded = false, begun = false, finished = false;
  int leave_after_writes = -1;  // the client is gone after so many writes; -1: never

 private:
  HttpRequest request_;
};

}  // namespace orchestra
