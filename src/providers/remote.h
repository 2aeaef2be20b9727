// A remote service behind a key.
#pragma once

#include "providers/upstream.h"

namespace orchestra {

// Loop-bound; `client` and `clock` outlive it.
class RemoteProvider final : public Provider {
 public:
  RemoteProvider(HttpClient& client, const Clock& clock, UpstreamService service)
      : client_(client), clock_(clock), service_(std::move(service)) {}
  Task<std::unique_ptr<Stream>> open(const Attempt& attempt) override {
    return open_upstream(client_, clock_, service_, attempt, attempt.candidate.model.name());
  }

 private:
  HttpClient& client_;
  const Clock& clock_;
  UpstreamService service_;
};

}  // namespace orchestra
