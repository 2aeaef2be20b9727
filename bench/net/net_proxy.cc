// A proxy of net/'s server and client and nothing else: the floor under the product's cost per request, measured beside
// nginx. net_proxy PORT UPSTREAM_PORT
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "net/client.h"
#include "net/server.h"

namespace {

using namespace orchestra;

class Forward final : public Handler {
 public:
  Forward(HttpClient& client, const Clock& clock, std::uint16_t port)
      : client_(client), clock_(clock), endpoint_{.tls = false, .host = "127.0.0.1", .port = port, .unix_path = {}} {}

  Task<void> handle(Exchange& exchange) override {
    const HttpRequest& in = exchange.request();
    const std::pair<std::string_view, std::string_view> field("content-type", "application/json");
    const std::string_view body = in.body;
    ClientRequest out;
    out.endpoint = endpoint_;
    out.method = in.method;
    out.target = in.path;
    out.fields = {&field, 1};
    if (!body.empty()) out.body = {&body, 1};
    out.head_by = clock_.now() + Seconds(60);
    CO_TRY(auto response, co_await client_.send(out));
    HttpResponse head{.status = response->status(), .content_type = {}, .body = {}, .fields = {}};
    head.content_type = response->fields().find("content-type").value_or("");
    if (response->fields().find("content-length")) {
      CO_TRY(head.body, co_await read_all(*response, 1 << 24, clock_.now() + Seconds(60)));
      co_return co_await exchange.respond(std::move(head));
    }
    if (auto begun = co_await exchange.begin(std::move(head)); !begun) co_return begun;
    while (true) {
      CO_TRY(const std::string_view bytes, co_await response->read(clock_.now() + Seconds(60)));
      if (bytes.empty()) co_return co_await exchange.finish();
      if (auto written = co_await exchange.write(bytes); !written) co_return written;
    }
  }

 private:
  HttpClient& client_;
  const Clock& clock_;
  Endpoint endpoint_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "net_proxy PORT UPSTREAM_PORT\n");
    return 2;
  }
  boost::asio::io_context loop(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO);
  SystemClock clock;
  net::Client client(loop, {}, clock);
  Forward handler(client, clock, static_cast<std::uint16_t>(std::atoi(arguments[2])));
  net::ServerOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  net::Server server(loop, options, handler, clock);
  if (const auto listening = server.listen(); !listening) {
    std::fprintf(stderr, "%s\n", listening.error().what.c_str());
    return 1;
  }
  loop.run();
  return 0;
}
