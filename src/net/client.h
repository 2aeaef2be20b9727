// The HTTP/1.1 client of one loop: a pool of kept-alive connections per endpoint, over TCP, TLS and Unix sockets.
//
// Loop-bound. Never follows redirects, sends `accept-encoding: identity`, checks certificates and host names, and
// trusts no framing that RFC 9112 calls ambiguous. A connection goes back to its pool only after a clean message end.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/task.h"
#include "ports/http_client.h"

namespace orchestra::net {

struct ClientOptions {
  std::size_t idle_per_endpoint = 512;     // kept at most; the longest idle is closed first
  Micros idle{Seconds(60)};                // a pooled connection is closed after so long
  Micros resolved_for{Seconds(30)};        // how long a DNS answer is reused
  Micros next_address_after{Millis(300)};  // RFC 8305: the next address is tried beside the first after so long
  std::size_t head_bytes = 64 * 1024;      // larger response heads are kUpstream
  std::string ca_file;                     // PEM; trusted besides the system's store
};

class Client final : public HttpClient {
 public:
  Client(boost::asio::io_context& loop, ClientOptions options, const Clock& clock);
  // Closes the pooled connections. Responses still held stay valid.
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Task<std::unique_ptr<ClientResponse>> send(const ClientRequest& request) override;
  // Pooled and idle at this moment, over all endpoints.
  std::size_t idle_connections() const noexcept;

 private:
  struct State;
  // Shared with its responses, which give their connections back to it.
  std::shared_ptr<State> state_;
};

}  // namespace orchestra::net
