// One HTTP request and its response. net/ implements it; api/ writes to it; tests use FakeExchange.
//
// Loop-bound, owned by the connection, alive until Handler::handle returns. Exactly one of `respond` or `begin` is
// called, once. When the client leaves, net/ cancels the handler's coroutine (see base/task.h): pending operations end
// with kCancelled, and every later call on the exchange returns kCancelled at once.
#pragma once

#include "base/task.h"
#include "ports/http.h"

namespace orchestra {

class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const HttpRequest& request() const noexcept = 0;
  // The whole answer with Content-Length. HEAD requests send the head only.
  virtual Task<void> respond(HttpResponse response) = 0;
  // The head of a streamed answer (chunked for HTTP/1.1, until close for 1.0). `response.body` is ignored.
  virtual Task<void> begin(HttpResponse head) = 0;
  // One write to the kernel per call; returns when the kernel took it (back pressure).
  virtual Task<void> write(std::string_view bytes) = 0;
  // Ends a streamed answer well. An exchange that is dropped without it cuts the connection, so that the client sees a
  // broken body instead of a short one.
  virtual Task<void> finish() = 0;
};

// What the server calls for each request. An error that it returns is answered 500 if nothing was sent, else the
// connection is cut.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Task<void> handle(Exchange& exchange) = 0;
  // Asked with the head alone, before a body that did not come with it is read. False: handle() will refuse the request
  // whatever is in the body; it is called at once with an empty one, and the connection ends with its answer.
  virtual bool wants_body(const HttpRequest& head) const {
    (void)head;
    return true;
  }
};

}  // namespace orchestra
