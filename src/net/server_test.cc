#include "net/server.h"

#include <zlib.h>

#include "net/test_loop.h"

namespace orchestra::net {
namespace {

Task<void> echo(Exchange& exchange) {
  HttpResponse response{.status = 200, .content_type = "text/plain", .body = {}, .fields = {}};
  response.body = exchange.request().method + " " + exchange.request().path + " " + exchange.request().body;
  return exchange.respond(std::move(response));
}

class ServerTest : public LoopTest {
 protected:
  ServerTest() {
    handler.function = echo;
    options.limits.linger = Seconds(1);
  }
  void start() {
    server.emplace(loop, options, handler, clock);
    const auto listening = server->listen();
    ASSERT_TRUE(listening) << listening.error().what;
  }
  RawSocket connect() { return RawSocket::connect(server->port()); }
  // Sends `bytes` on a new connection and gives what came back once `expected` did.
  std::string ask(std::string_view bytes, std::string_view expected) {
    RawSocket client = connect();
    client.send(bytes);
    EXPECT_TRUE(until_received(client, expected)) << expected << " missing in: " << client.received;
    return client.received;
  }
  // As ask(), and the connection must be closed afterwards.
  void refused(std::string_view bytes, std::string_view status) {
    RawSocket client = connect();
    client.send(bytes);
    EXPECT_TRUE(until_received(client, "HTTP/1.1 " + std::string(status))) << bytes << client.received;
    EXPECT_TRUE(until_closed(client)) << bytes;
    EXPECT_EQ(client.received.find("date: ", client.received.find("date: ") + 1), std::string::npos)
        << "one answer: " << client.received;
  }

  ServerOptions options;
  FunctionHandler handler;
  std::optional<Server> server;
};

TEST_F(ServerTest, AnswersOneRequestAfterTheOther) {
  start();
  RawSocket client = connect();
  client.send("POST /a?q HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi");
  ASSERT_TRUE(until_received(client, "\r\n\r\nPOST /a hi"));
  EXPECT_NE(client.received.find("HTTP/1.1 200 OK\r\n"), std::string::npos);
  EXPECT_NE(client.received.find("\r\ncontent-length: 10\r\n"), std::string::npos);
  EXPECT_NE(client.received.find("date: "), std::string::npos);
  EXPECT_EQ(client.received.find("connection:"), std::string::npos);
  client.send("GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until_received(client, "GET /b "));
  EXPECT_FALSE(client.closed);
  EXPECT_EQ(server->stats().requests.load(), 2u);
  EXPECT_EQ(server->stats().open_connections.load(), 1);
  client.close();
  EXPECT_TRUE(until([&] { return server->stats().open_connections.load() == 0; }));
}

TEST_F(ServerTest, ReadsARequestByteByByte) {
  start();
  RawSocket client = connect();
  const std::string_view text =
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (const char c : text) {
    client.send({&c, 1});
    loop.restart();
    loop.poll();
  }
  EXPECT_TRUE(until_received(client, "POST / abcde"));
}

TEST_F(ServerTest, APipelinedRequestIsNotAnswered) {
  start();
  const std::string one = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n";
  refused(one + "1GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK");
  refused(one + std::string(1, '1') + std::string(8000, 'x'), "200 OK");
}

TEST_F(ServerTest, APipelinedRequestDuringTheHandlerEndsTheConnection) {
  Timer gate(loop, TimePoint::max());
  handler.function = [&](Exchange& exchange) -> Task<void> {
    co_await gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>()));
    co_return co_await echo(exchange);
  };
  start();
  RawSocket client = connect();
  client.send("GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->stats().active_requests.load() == 1; }));
  client.send("GET /two HTTP/1.1\r\nHost: localhost\r\n\r\n");
  loop.restart();
  loop.poll();
  gate.cancel();
  EXPECT_TRUE(until_received(client, "connection: close"));
  EXPECT_TRUE(until_closed(client));
  EXPECT_EQ(client.received.find("/two"), std::string::npos);
}

TEST_F(ServerTest, HeadHasNoBody) {
  start();
  RawSocket client = connect();
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until_received(client, "content-length: 7\r\n\r\n"));
  client.send("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until_received(client, "GET /next"));
  EXPECT_EQ(client.received.find("HEAD /"), std::string::npos);
}

TEST_F(ServerTest, SpeaksHttp10) {
  start();
  refused("GET / HTTP/1.0\r\n\r\n", "200 OK");
  RawSocket client = connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(until_received(client, "connection: keep-alive"));
  client.received.clear();
  client.send("GET /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(until_received(client, "GET /b"));
}

TEST_F(ServerTest, WithoutKeepAliveAConnectionStillHasTimeForItsRequest) {
  options.limits.idle = Micros(0);
  start();
  RawSocket client = connect();
  ASSERT_TRUE(until([&] { return server->stats().open_connections.load() == 1; }));
  const auto later = std::chrono::steady_clock::now() + Millis(30);
  ASSERT_TRUE(until([&] { return std::chrono::steady_clock::now() > later; }));
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(until_received(client, "connection: close\r\n")) << client.received;
  EXPECT_TRUE(until_closed(client));
}

TEST_F(ServerTest, ClosesWhenAsked) {
  start();
  refused("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "200 OK");
}

TEST_F(ServerTest, RefusesBadFramingAndCloses) {
  start();
  refused("GET / HTTP/1.1\nHost: localhost\n\n", "400");
  refused("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400");
  refused("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "414");
  refused("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n", "431");
  refused("GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", "505");
  EXPECT_EQ(server->stats().requests.load(), 0u);
  EXPECT_EQ(server->stats().refused_requests.load(), 5u);
}

TEST_F(ServerTest, ATlsClientOnAPlainPortIsToldAtOnce) {
  options.limits.header_within = Seconds(60);
  start();
  refused("\x16\x03\x01\x02", "400");
}

TEST_F(ServerTest, RefusalsHaveTheShapeThatIsAskedFor) {
  options.write_refusal = [](int status, const Error& error, std::string_view path) {
    return HttpResponse{
        .status = 0, .content_type = "text/x", .body = fmt::format("{} {} {}", status, error.code, path), .fields = {}};
  };
  options.limits.body_bytes = 10;
  options.limits.header_within = Millis(40);
  start();
  ask("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\nx",
      "413 request_too_large /v1/messages");
  // A head that cannot be read still shows which path it is for.
  ask("GET /v1/models?a HTTP/3.0\r\n\r\n", "505 http_version_not_supported /v1/models");
  ask("GET /v1/models?" + std::string(100'000, 'a'), "414 uri_too_long /v1/models");
  ask("GET /v1/models HTTP/1.1\r\nX", "408 request_timeout /v1/models");
  ask("GET\r\n", "400 invalid_request ");
}

TEST_F(ServerTest, GuardsAgainstRebinding) {
  start();
  refused("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403");
  refused("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n", "403");
}

TEST_F(ServerTest, AnswersPreflightsAndSharesAnswers) {
  options.cors_origins = {"https://app.example"};
  start();
  const std::string preflight =
      ask("OPTIONS /v1/models HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\n"
          "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n\r\n",
          "\r\n\r\n");
  EXPECT_NE(preflight.find("204 No Content"), std::string::npos);
  EXPECT_NE(preflight.find("access-control-allow-origin: https://app.example"), std::string::npos);
  EXPECT_NE(preflight.find("access-control-allow-headers: authorization"), std::string::npos);
  EXPECT_NE(preflight.find("x-request-id: req_"), std::string::npos);
  EXPECT_EQ(server->stats().requests.load(), 0u);
  ask("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example\r\n\r\n",
      "access-control-allow-origin: https://app");
  ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 204");
}

TEST_F(ServerTest, BodiesHaveALimit) {
  options.limits.body_bytes = 100;
  start();
  refused("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\n\r\nx", "413");
  refused("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n", "413");
  refused("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + std::string(101, 'x'),
          "413");
  ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'), "200 OK");
}

TEST_F(ServerTest, ALargeUploadStillSeesItsRefusal) {
  options.limits.body_bytes = 100;
  start();
  RawSocket client = connect();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n");
  const std::string piece(64 * 1024, 'x');
  EXPECT_TRUE(until([&] {
    client.send(piece);
    client.poll();
    return client.received.find("413") != std::string::npos;
  }));
  EXPECT_FALSE(client.reset);
}

TEST_F(ServerTest, AllBodiesTogetherHaveABudget) {
  BodyBudget budget{Bytes(1000)};
  options.budget = &budget;
  start();
  {
    RawSocket first = connect();
    first.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n" + std::string(800, 'x'));
    ASSERT_TRUE(until([&] { return budget.used().count == 800; }));
    refused("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300\r\n\r\n" + std::string(300, 'x'), "503");
    first.send(std::string(100, 'x'));
    ASSERT_TRUE(until_received(first, "200 OK"));
  }
  EXPECT_TRUE(until([&] { return budget.used().count == 0; }));
  server.reset();
}

TEST_F(ServerTest, ABodyThatNobodyWantsIsNotReadAndEndsTheConnection) {
  BodyBudget budget{Bytes(1000)};
  options.budget = &budget;
  handler.reads_bodies = false;
  start();
  refused("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n" + std::string(800, 'x'), "200 OK");
  refused("POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "200 OK");
  refused("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", "200 OK");
  EXPECT_EQ(budget.used().count, 0);
  // What came with its head costs nothing more, and the connection may go on.
  const std::string small = ask("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi", "POST /a hi");
  EXPECT_EQ(small.find("connection: close"), std::string::npos);
  server.reset();
}

TEST_F(ServerTest, ContinuesOnlyWhatItWillRead) {
  start();
  RawSocket client = connect();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(until_received(client, "HTTP/1.1 100 Continue\r\n\r\n"));
  client.send("hi");
  ASSERT_TRUE(until_received(client, "POST / hi"));
  const std::string at_once =
      ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi", "POST / hi");
  EXPECT_EQ(at_once.find("100 Continue"), std::string::npos) << "the body was there already";
}

std::string gzipped(std::string_view text) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string gzip_request(std::string_view body, std::string_view coding = "gzip") {
  return fmt::format("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: {}\r\nContent-Length: {}\r\n\r\n{}",
                     coding, body.size(), body);
}

TEST_F(ServerTest, InflatesGzipBodies) {
  handler.function = [](Exchange& exchange) -> Task<void> {
    EXPECT_FALSE(exchange.request().fields.find("content-encoding"));
    co_return co_await echo(exchange);
  };
  options.limits.body_bytes = 100'000;
  start();
  ask(gzip_request(gzipped("hello")), "POST / hello");
  ask(gzip_request(gzipped("hello") + gzipped(" you")), "POST / hello you");
  refused(gzip_request(gzipped(std::string(200'000, 'a'))), "413");
  refused(gzip_request("no gzip at all"), "400");
  refused(gzip_request(gzipped("hello").substr(0, 20)), "400");
  refused(gzip_request("x", "br"), "415");
}

TEST_F(ServerTest, StreamsInChunks) {
  handler.function = [](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin({.status = 200, .content_type = "text/event-stream", .body = {}, .fields = {}});
    (void)co_await exchange.write("data: 1\n\n");
    (void)co_await exchange.write("");
    (void)co_await exchange.write("data: 22\n\n");
    co_return co_await exchange.finish();
  };
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until_received(client, "\r\n\r\n9\r\ndata: 1\n\n\r\na\r\ndata: 22\n\n\r\n0\r\n\r\n")) << client.received;
  client.received.clear();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(until_received(client, "0\r\n\r\n"));
  const std::string old = ask("GET / HTTP/1.0\r\n\r\n", "\r\n\r\ndata: 1\n\ndata: 22\n\n");
  EXPECT_EQ(old.find("chunked"), std::string::npos);
  refused("GET / HTTP/1.0\r\n\r\n", "200 OK");
}

TEST_F(ServerTest, AStreamsHeadDoesNotWaitForItsBody) {
  Timer never(loop, TimePoint::max());
  handler.function = [&](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin({.status = 200, .content_type = {}, .body = {}, .fields = {}});
    co_await never.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>()));
    co_return co_await exchange.finish();
  };
  start();
  ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "transfer-encoding: chunked\r\n\r\n");
}

TEST_F(ServerTest, AStreamThatIsDroppedIsCut) {
  handler.function = [](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin({.status = 200, .content_type = {}, .body = {}, .fields = {}});
    (void)co_await exchange.write("part");
    co_return fail(Fault::kUpstream, "broke off");
  };
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until_closed(client));
  EXPECT_EQ(client.received.find("0\r\n\r\n"), std::string::npos);
}

TEST_F(ServerTest, AFailingHandlerIsA500) {
  handler.function = [](Exchange&) -> Task<void> { co_return fail(Fault::kInternal, "secret detail"); };
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until_received(client, "HTTP/1.1 500"));
  ASSERT_TRUE(until_closed(client));
  EXPECT_EQ(client.received.find("secret"), std::string::npos);
}

TEST_F(ServerTest, AThrowingHandlerIsA500) {
  handler.function = [](Exchange&) -> Task<void> {
    throw std::runtime_error("defect");
    co_return Result<void>();
  };
  start();
  refused("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "500");
}

TEST_F(ServerTest, NoFieldOfAnAnswerCanAddFields) {
  handler.function = [](Exchange& exchange) -> Task<void> {
    HttpResponse response{.status = 200, .content_type = {}, .body = "x", .fields = {}};
    response.fields = {{"x-a", "1\r\nx-evil: 1"}, {"content-length", "99"}, {"bad name", "x"}};
    co_return co_await exchange.respond(std::move(response));
  };
  start();
  const std::string answer = ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n\r\nx");
  EXPECT_NE(answer.find("x-a: 1  x-evil: 1\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("99"), std::string::npos);
  EXPECT_EQ(answer.find("bad name"), std::string::npos);
}

TEST_F(ServerTest, ALeavingClientCancelsTheHandlerSoon) {
  std::optional<Fault> seen;
  bool wait_ended = false;
  handler.function = [&](Exchange& exchange) -> Task<void> {
    auto slept = co_await sleep_until(TimePoint::max());
    wait_ended = !slept && slept.error().fault == Fault::kCancelled && co_await cancelled();
    auto sent = co_await exchange.respond({});
    seen = sent.error().fault;
    co_return sent;
  };
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->stats().active_requests.load() == 1; }));
  client.close();
  const auto left = std::chrono::steady_clock::now();
  ASSERT_TRUE(until([&] { return seen.has_value(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - left, Millis(100));
  EXPECT_TRUE(wait_ended);
  EXPECT_EQ(seen, Fault::kCancelled);
  EXPECT_TRUE(until([&] { return server->stats().open_connections.load() == 0; }));
}

TEST_F(ServerTest, ALeavingClientEndsABlockedStream) {
  bool ended = false;
  const std::string block(1 << 20, 'x');
  handler.function = [&](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin({});
    while (co_await exchange.write(block)) continue;
    ended = true;
    co_return Result<void>();
  };
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->stats().active_requests.load() == 1; }));
  client.close();
  EXPECT_TRUE(until([&] { return ended; }));
}

TEST_F(ServerTest, AClientThatTakesNothingIsCut) {
  options.limits.write_stall = Millis(30);
  bool ended = false;
  const std::string block(1 << 20, 'x');
  handler.function = [&](Exchange& exchange) -> Task<void> {
    (void)co_await exchange.begin({});
    while (co_await exchange.write(block)) continue;
    ended = true;
    co_return Result<void>();
  };
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(until([&] { return ended; }));
}

TEST_F(ServerTest, SlowClientsAreTimedOut) {
  options.limits.header_within = options.limits.body_stall = options.limits.idle = Millis(40);
  start();
  RawSocket idle = connect();
  RawSocket header = connect();
  header.send("GET / HTT");
  RawSocket body = connect();
  body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345");
  RawSocket huge = connect();
  huge.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n");
  for (RawSocket* client : {&idle, &header, &body, &huge}) EXPECT_TRUE(until_closed(*client));
  EXPECT_EQ(idle.received, "");
  for (RawSocket* client : {&header, &body, &huge})
    EXPECT_TRUE(client->received.starts_with("HTTP/1.1 408")) << client->received;
}

TEST_F(ServerTest, ADrippingHeaderDoesNotMoveItsDeadline) {
  options.limits.header_within = Millis(60);
  start();
  RawSocket client = connect();
  client.send("GET / HTTP/1.1\r\nX: ");
  // One byte a millisecond: faster, and the header would be too long before it is too late.
  auto next = std::chrono::steady_clock::now();
  EXPECT_TRUE(until([&] {
    if (std::chrono::steady_clock::now() >= next) {
      client.send("a");
      next += Millis(1);
    }
    client.poll();
    return client.received.starts_with("HTTP/1.1 408");
  })) << client.received;
}

TEST_F(ServerTest, SlowLorisDoesNotHoldUpOthers) {
  start();
  std::vector<RawSocket> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(connect());
    slow.back().send("GET / HTTP/1.1\r\nX-");
  }
  ASSERT_TRUE(until([&] { return server->stats().open_connections.load() == 500; }));
  const auto start_time = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET / ");
  EXPECT_LT(std::chrono::steady_clock::now() - start_time, Seconds(2));
}

TEST_F(ServerTest, TooManyConnectionsAreTurnedAway) {
  options.limits.connections = 2;
  start();
  RawSocket one = connect(), two = connect();
  ASSERT_TRUE(until([&] { return server->stats().open_connections.load() == 2; }));
  RawSocket three = connect();
  EXPECT_TRUE(until_received(three, "HTTP/1.1 503"));
  EXPECT_TRUE(until_closed(three));
  EXPECT_NE(three.received.find("retry-after: 1\r\n"), std::string::npos);
  EXPECT_NE(three.received.find("\"message\":\"This server has as many connections"), std::string::npos);
}

TEST_F(ServerTest, AnIdleConnectionIsServedAfterItGaveItsBufferBack) {
  start();
  RawSocket client = connect();
  const auto parked = std::chrono::steady_clock::now() + Millis(1100);
  ASSERT_TRUE(until([&] { return std::chrono::steady_clock::now() > parked; }));
  client.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(until_received(client, "GET /late"));
}

TEST_F(ServerTest, DrainFinishesWhatRuns) {
  Timer gate(loop, TimePoint::max());
  handler.function = [&](Exchange& exchange) -> Task<void> {
    co_await gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>()));
    co_return co_await echo(exchange);
  };
  start();
  RawSocket idle = connect(), busy = connect();
  busy.send("GET /busy HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->stats().active_requests.load() == 1; }));
  bool drained = false;
  boost::asio::co_spawn(loop.get_executor(), server->drain(Seconds(30)),
                        [&](std::exception_ptr, Result<void>) { drained = true; });
  EXPECT_TRUE(until_closed(idle));
  EXPECT_FALSE(drained);
  gate.cancel();
  EXPECT_TRUE(until_closed(busy));
  EXPECT_NE(busy.received.find("connection: close"), std::string::npos);
  EXPECT_NE(busy.received.find("GET /busy"), std::string::npos);
  EXPECT_TRUE(until([&] { return drained; }));
}

TEST_F(ServerTest, DrainCutsWhatDoesNotEnd) {
  handler.function = [&](Exchange&) -> Task<void> { co_return co_await sleep_until(TimePoint::max()); };
  start();
  RawSocket busy = connect();
  busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->stats().active_requests.load() == 1; }));
  EXPECT_TRUE(run(server->drain(Millis(20))));
  EXPECT_EQ(server->stats().open_connections.load(), 0);
}

TEST_F(ServerTest, TheLoopMayEndWithRequestsUnderWay) {
  handler.function = [&](Exchange&) -> Task<void> { co_return co_await sleep_until(TimePoint::max()); };
  start();
  RawSocket idle = connect(), busy = connect();
  busy.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->stats().active_requests.load() == 1; }));
}

TEST_F(ServerTest, ABusyPortIsAConflict) {
  start();
  ServerOptions same = options;
  same.port = server->port();
  Server second(loop, same, handler, clock);
  const auto listening = second.listen();
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().fault, Fault::kConflict);
}

TEST_F(ServerTest, LoopsShareAPort) {
  options.reuse_port = true;
  start();
  ServerOptions same = options;
  same.port = server->port();
  Server second(loop, same, handler, clock);
  EXPECT_TRUE(second.listen());
}

}  // namespace
}  // namespace orchestra::net
