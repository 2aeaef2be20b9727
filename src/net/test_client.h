// A client on a loop of its own, and the upstream that it speaks to, byte by byte.
#pragma once

#include "net/client.h"
#include "net/test_loop.h"

namespace orchestra::net {

class ClientTest : public LoopTest {
 protected:
  ClientTest() { options.next_address_after = Millis(20); }
  void SetUp() override { client.emplace(loop, options, clock); }

  ClientRequest request(std::string_view method = "POST") {
    ClientRequest wanted;
    wanted.endpoint = {.tls = false, .host = "127.0.0.1", .port = upstream.port, .unix_path = {}};
    wanted.method = method;
    wanted.target = "/v1/x?y";
    wanted.fields = fields;
    wanted.body = body;
    wanted.head_by = clock.now() + Seconds(5);
    return wanted;
  }
  void start(ClientRequest wanted) {
    outcome.reset();
    boost::asio::co_spawn(loop.get_executor(), fetch(std::move(wanted)),
                          boost::asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  }
  // Sends, and collects the whole body.
  boost::asio::awaitable<void, Executor> fetch(ClientRequest wanted) {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    auto sent = co_await client->send(wanted);
    if (!sent) {
      outcome.emplace(fail(std::move(sent).error()));
      co_return;
    }
    response = std::move(*sent);
    status = response->status();
    auto text = co_await read_all(*response, 1 << 20, clock.now() + read_within);
    outcome.emplace(std::move(text));
    if (!keep_response) response.reset();
  }
  // The upstream's side of the next connection.
  RawSocket accepted() {
    std::optional<RawSocket> socket;
    EXPECT_TRUE(until([&] {
      socket = upstream.accept();
      return socket.has_value();
    }));
    return std::move(*socket);
  }
  bool finished() {
    return until([&] { return outcome.has_value(); });
  }
  void answer(RawSocket& socket, std::string_view bytes) {
    ASSERT_TRUE(until_received(socket, "{\"a\":1}"));
    socket.received.clear();
    socket.send(bytes);
  }

  ClientOptions options;
  RawListener upstream;
  std::optional<Client> client;
  std::vector<std::pair<std::string_view, std::string_view>> fields = {{"content-type", "application/json"}};
  std::vector<std::string_view> body = {"{\"a\":", "1}"};
  boost::asio::cancellation_signal cancel;
  std::unique_ptr<ClientResponse> response;
  std::optional<Result<std::string>> outcome;
  int status = 0;
  bool keep_response = false;
  Micros read_within{Seconds(5)};
};

inline constexpr std::string_view kShort = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nhello";

}  // namespace orchestra::net
