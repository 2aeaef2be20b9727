// The HTTP/1.1 server of one loop: one listener, its connections, and their limits. RFC 9110 and RFC 9112, strictly.
//
// Loop-bound: construct, call and destroy it on the thread that runs `loop` (or while nothing runs it). One Server per
// loop and listener; with `reuse_port` the kernel spreads connections over the loops. The loop's io_context should be
// made with BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO: one thread runs it, others only post to it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/body_budget.h"
#include "ports/exchange.h"

namespace orchestra::net {

struct ServerLimits {
  std::size_t request_line_bytes = 16 * 1024;  // beyond: 414
  std::size_t header_bytes = 32 * 1024;        // request line and fields; beyond: 431
  std::size_t header_fields = 100;             // beyond: 431
  std::size_t body_bytes = 10 * 1024 * 1024;   // after inflation; beyond: 413
  std::size_t connections = 20'000;            // of this server; beyond: 503 and close
  Micros header_within{Seconds(10)};           // from a request's first byte to its last header byte; beyond: 408
  Micros body_stall{Seconds(10)};              // no body byte for so long: 408
  std::size_t body_bytes_per_second = 256;     // slower than this over the whole body: 408
  Micros idle{Seconds(75)};                    // a kept-alive connection without a request; 0: none is kept
  Micros write_stall{Seconds(60)};             // the client takes no byte for so long: cut
  Micros linger{Seconds(2)};                   // reads on after an early refusal, so that the client sees it
};

// PEM files; both are read by listen().
struct ServerTls {
  std::string certificate_file;
  std::string key_file;
};

// Renders what the server itself refuses (framing, limits, hosts) in the shape that `path`'s callers expect. `path` is
// empty when the request line could not be read. The status is `status`, whatever the response says.
using RefusalWriter = std::function<HttpResponse(int status, const Error& error, std::string_view path)>;

struct ServerOptions {
  std::string address = "127.0.0.1";  // a literal IPv4 or IPv6 address
  std::uint16_t port = 0;             // 0: any free one, see Server::port()
  bool reuse_port = false;
  std::string surface;  // copied into HttpRequest::surface
  ServerLimits limits;
  std::vector<std::string> allowed_hosts;  // besides the listener's own names; "*" allows any
  std::vector<std::string> cors_origins;   // e.g. "https://app.example"; "*" allows any
  std::optional<ServerTls> tls;
  BodyBudget* budget = nullptr;  // shared by all loops; none: no bound beyond the limits
  RefusalWriter write_refusal;   // none: {"error":{"message":...,"type":...,"code":...}}
};

// Relaxed atomics: any thread may read them at any time while the Server lives.
struct ServerStats {
  std::atomic<std::int64_t> open_connections{0};
  std::atomic<std::int64_t> active_requests{0};    // being handled
  std::atomic<std::uint64_t> connections{0};       // accepted, ever
  std::atomic<std::uint64_t> requests{0};          // given to the handler, ever
  std::atomic<std::uint64_t> refused_requests{0};  // answered by the server itself: bad framing, limits, timeouts
};

struct ServerState;

class Server {
 public:
  // `handler` and `clock` must outlive the loop's last run.
  Server(boost::asio::io_context& loop, ServerOptions options, Handler& handler, const Clock& clock);
  // Cuts what is still open.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and starts to accept. Errors: kConflict when the port is taken, kInvalid for an address or certificate that
  // cannot be used.
  Result<void> listen();
  // The bound port, once listen() succeeded.
  std::uint16_t port() const noexcept;
  // Stops accepting, closes idle connections, lets running requests end with `Connection: close`, and cuts what is left
  // after `limit`. Returns when no connection is open.
  Task<void> drain(Micros limit);
  const ServerStats& stats() const noexcept;

 private:
  // Shared with its connections, which may outlive the Server by the completion of their cancelled operations.
  std::shared_ptr<ServerState> state_;
};

}  // namespace orchestra::net
