// The HTTP server with the smallest handler that the public HTTP suites need: GET, HEAD and POST of any path that is
// `/` answer 200, other paths 404, other methods 405. Prints its port, serves until SIGTERM or SIGINT.
#include <csignal>
#include <cstdio>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>

#include "net/server.h"

namespace {

using namespace orchestra;

class RootHandler final : public Handler {
 public:
  Task<void> handle(Exchange& exchange) override {
    const HttpRequest& request = exchange.request();
    HttpResponse response{.status = 200, .content_type = "application/json", .body = "{\"ok\":true}", .fields = {}};
    if (request.path != "/") response.status = 404;
    if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") response.status = 405;
    co_return co_await exchange.respond(std::move(response));
  }
};

Task<void> drain(net::Server& server, boost::asio::io_context& loop) {
  auto done = co_await server.drain(Seconds(5));
  loop.stop();
  co_return done;
}

}  // namespace

int main() {
  boost::asio::io_context loop(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO);
  SystemClock clock;
  RootHandler handler;
  net::ServerOptions options;
  options.allowed_hosts = {"*"};
  net::Server server(loop, options, handler, clock);
  if (const auto listening = server.listen(); !listening) {
    std::fprintf(stderr, "%s\n", listening.error().what.c_str());
    return 1;
  }
  std::printf("%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) {
    boost::asio::co_spawn(loop.get_executor(), drain(server, loop), boost::asio::detached);
  });
  loop.run();
  return 0;
}
