// The models of this machine: a lease on a worker, then its HTTP over the lease's Unix socket.
#pragma once

#include "providers/upstream.h"

namespace orchestra {

// Loop-bound; the references outlive it.
class LocalProvider final : public Provider {
 public:
  static constexpr std::string_view kName = "local";

  LocalProvider(HttpClient& client, const Clock& clock, Workers& workers);
  Task<std::unique_ptr<Stream>> open(const Attempt& attempt) override;

 private:
  HttpClient& client_;
  const Clock& clock_;
  Workers& workers_;
  UpstreamService service_;
};

}  // namespace orchestra
