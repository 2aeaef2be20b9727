// HTTP requests to upstreams. One HttpClient per loop, with its own connection pools; loop-bound.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/task.h"
#include "ports/http.h"

namespace orchestra {

// Borrowed strings must live until `send` has returned.
struct ClientRequest {
  Endpoint endpoint;
  std::string_view method = "POST";
  std::string_view target;                                                // path and query
  std::span<const std::pair<std::string_view, std::string_view>> fields;  // without Host and Content-Length
  std::span<const std::string_view> body;                                 // pieces, written with one gather write
  Micros connect_within{std::chrono::seconds(5)};
  TimePoint head_by = TimePoint::max();  // the response head must be there by then, else kTimeout
  bool reuse = true;                     // take from and give back to the pool
};

// One response. Destroying it before the body's end closes the connection (that is the cancellation); after the body's
// clean end the connection has already gone back to its pool.
class ClientResponse {
 public:
  virtual ~ClientResponse() = default;
  virtual int status() const noexcept = 0;
  virtual const HttpFields& fields() const noexcept = 0;
  // The next body bytes as they came (chunking removed); empty at the clean end; kUpstream when cut before it; kTimeout
  // when nothing came until `by`. The view is valid until the next call.
  virtual Task<std::string_view> read(TimePoint by) = 0;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Returns at the response head. Error::unsent is set when the request cannot have reached the upstream. A stale
  // pooled connection is retried once, silently, if no response byte came.
  virtual Task<std::unique_ptr<ClientResponse>> send(const ClientRequest& request) = 0;
};

// Reads the rest of a body, at most `limit` bytes; beyond it kUpstream.
Task<std::string> read_all(ClientResponse& response, std::size_t limit, TimePoint by);

}  // namespace orchestra
