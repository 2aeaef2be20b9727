#include "net/client.h"

#include <sys/un.h>

#include "net/test_client.h"

namespace orchestra::net {
namespace {

TEST_F(ClientTest, ErrorsNameNoAddress) {
  for (const std::string_view lie : {"", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                                     "garbage\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"}) {
    start(request());
    {
      RawSocket socket = accepted();
      answer(socket, lie);
    }
    ASSERT_TRUE(finished());
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().what.find("127.0.0.1"), std::string::npos) << outcome->error().what;
    EXPECT_TRUE(outcome->error().what.ends_with(".") && !outcome->error().what.ends_with(".."))
        << outcome->error().what;
  }
}

TEST_F(ClientTest, AnUpstreamThatDoesNotReadIsGivenUpAtTheDeadline) {
  const std::string large(64 << 20, 'x');
  body = {large};
  ClientRequest wanted = request();
  wanted.head_by = clock.now() + Millis(100);
  start(std::move(wanted));
  RawSocket socket = accepted();
  std::array<char, 4096> few;
  // It takes a little now and then, so that it never stalls for long.
  ASSERT_TRUE(until([&] {
    (void)::recv(socket.fd(), few.data(), few.size(), MSG_DONTWAIT);
    return outcome.has_value();
  }));
  EXPECT_EQ(outcome->error().fault, Fault::kTimeout);
}

TEST_F(ClientTest, InterimAnswersWithoutEndAreNoAnswer) {
  start(request());
  RawSocket socket = accepted();
  ASSERT_TRUE(until_received(socket, "{\"a\":1}"));
  ASSERT_TRUE(until([&] {
    socket.send("HTTP/1.1 103 Early Hints\r\nX: " + std::string(1000, 'x') + "\r\n\r\n");
    return outcome.has_value();
  }));
  EXPECT_EQ(outcome->error().what, "The upstream does not come to an answer.");
}

TEST_F(ClientTest, ReadsEveryKindOfBody) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x\r\ndefg\r\n0\r\nT: u\r\n\r\n", "abcdefg"},
      {"HTTP/1.1 204 No Content\r\n\r\n", ""},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
       "2\r\n\r\nok",
       "ok"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""}};
  std::optional<RawSocket> socket;
  for (const auto& [wire, text] : cases) {
    start(request());
    if (!socket) socket.emplace(accepted());
    answer(*socket, wire);
    ASSERT_TRUE(finished());
    ASSERT_TRUE(*outcome) << wire << outcome->error().what;
    EXPECT_EQ(**outcome, text);
    EXPECT_EQ(client->idle_connections(), 1u) << wire;
  }
}

TEST_F(ClientTest, ABodyUntilTheEndIsNotPooled) {
  start(request());
  RawSocket socket = accepted();
  answer(socket, "HTTP/1.1 200 OK\r\n\r\nall of it");
  socket.close();
  ASSERT_TRUE(finished());
  EXPECT_EQ(**outcome, "all of it");
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(ClientTest, PoolsNothingThatIsUnclean) {
  for (const char* wire : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
                           "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"}) {
    start(request());
    RawSocket socket = accepted();
    answer(socket, wire);
    ASSERT_TRUE(finished());
    EXPECT_EQ(**outcome, "hello");
    EXPECT_EQ(client->idle_connections(), 0u) << wire;
    EXPECT_TRUE(until_closed(socket));
  }
}

TEST_F(ClientTest, LyingUpstreamsAreErrors) {
  for (const char* wire :
       {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "HTTP/1.1 200 OK\r\nConte", "",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "nonsense\r\n\r\n",
        "HTTP/1.1 101 Switch\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    start(request());
    RawSocket socket = accepted();
    answer(socket, wire);
    socket.close();
    ASSERT_TRUE(finished());
    ASSERT_FALSE(*outcome) << wire;
    EXPECT_EQ(outcome->error().fault, Fault::kUpstream) << wire;
    EXPECT_FALSE(outcome->error().unsent) << wire;
  }
}

TEST_F(ClientTest, AStalePooledConnectionIsReplacedOnce) {
  start(request());
  RawSocket first = accepted();
  answer(first, kShort);
  ASSERT_TRUE(finished());
  // It is closed under the second request, before a byte of an answer.
  start(request());
  ASSERT_TRUE(until_received(first, "{\"a\":1}"));
  first.close();
  RawSocket second = accepted();
  ASSERT_TRUE(until_received(second, "{\"a\":1}"));
  second.close();
  ASSERT_TRUE(finished());
  EXPECT_EQ(outcome->error().fault, Fault::kUpstream) << "a fresh connection's failure is the answer";
}

TEST_F(ClientTest, APooledConnectionThatCloses) {
  start(request());
  RawSocket first = accepted();
  answer(first, kShort);
  ASSERT_TRUE(finished());
  ASSERT_EQ(client->idle_connections(), 1u);
  first.close();
  EXPECT_TRUE(until([&] { return client->idle_connections() == 0; })) << "leaves the pool at once";
}

TEST_F(ClientTest, NothingIsRetriedAfterAByte) {
  start(request());
  RawSocket socket = accepted();
  answer(socket, kShort);
  ASSERT_TRUE(finished());
  start(request());
  answer(socket, "HTTP/1.1 2");
  socket.close();
  ASSERT_TRUE(finished());
  EXPECT_FALSE(*outcome);
  EXPECT_FALSE(upstream.accept());
}

TEST_F(ClientTest, DeadlinesHold) {
  ClientRequest wanted = request();
  wanted.head_by = clock.now() + Millis(30);
  start(wanted);
  RawSocket socket = accepted();
  ASSERT_TRUE(finished());
  EXPECT_EQ(outcome->error().fault, Fault::kTimeout);
  EXPECT_TRUE(until_closed(socket));
  read_within = Millis(30);
  start(request());
  RawSocket second = accepted();
  answer(second, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
  ASSERT_TRUE(finished());
  EXPECT_EQ(outcome->error().fault, Fault::kTimeout);
}

TEST_F(ClientTest, CancellingClosesTheConnectionAtOnce) {
  for (const bool after_head : {false, true}) {
    start(request());
    RawSocket socket = accepted();
    ASSERT_TRUE(until_received(socket, "{\"a\":1}"));
    if (after_head) {
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
      ASSERT_TRUE(until([&] { return response != nullptr; }));
    }
    cancel.emit(boost::asio::cancellation_type::terminal);
    ASSERT_TRUE(finished());
    EXPECT_EQ(outcome->error().fault, Fault::kCancelled);
    EXPECT_TRUE(until_closed(socket));
  }
}

TEST_F(ClientTest, DestroyingAResponseClosesTheConnection) {
  read_within = Seconds(60);
  start(request());
  RawSocket socket = accepted();
  answer(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel");
  ASSERT_TRUE(until([&] { return response != nullptr; }));
  cancel.emit(boost::asio::cancellation_type::terminal);
  EXPECT_TRUE(until_closed(socket));
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(ClientTest, ARefusedConnectionIsUnsent) {
  ClientRequest wanted = request();
  {
    RawListener gone;
    wanted.endpoint.port = gone.port;
  }
  for (const char* host : {"127.0.0.1", "localhost"}) {
    wanted.endpoint.host = host;
    start(wanted);
    ASSERT_TRUE(finished());
    EXPECT_EQ(outcome->error().fault, Fault::kUpstream);
    EXPECT_TRUE(outcome->error().unsent);
  }
  wanted.endpoint.host = "no-such-name.invalid";
  start(wanted);
  ASSERT_TRUE(finished());
  EXPECT_TRUE(outcome->error().unsent);
}

TEST_F(ClientTest, FindsNames) {
  ClientRequest wanted = request();
  wanted.endpoint.host = "localhost";
  start(wanted);
  RawSocket socket = accepted();
  answer(socket, kShort);
  ASSERT_TRUE(finished());
  EXPECT_EQ(**outcome, "hello");
}

TEST_F(ClientTest, SpeaksOverUnixSockets) {
  const std::string path = testing::TempDir() + fmt::format("net-client-{}.sock", ::getpid());
  ::unlink(path.c_str());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::ranges::copy(path, at.sun_path);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ClientRequest wanted = request();
  wanted.endpoint = {.tls = false, .host = "worker", .port = 0, .unix_path = path};
  wanted.reuse = false;
  start(wanted);
  int fd = -1;
  ASSERT_TRUE(until([&] { return (fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0; }));
  RawSocket socket(fd);
  ASSERT_TRUE(until_received(socket, "{\"a\":1}"));
  EXPECT_NE(socket.received.find("host: worker\r\n"), std::string::npos);
  EXPECT_NE(socket.received.find("connection: close\r\n"), std::string::npos);
  answer(socket, kShort);
  ASSERT_TRUE(finished());
  EXPECT_EQ(**outcome, "hello");
  EXPECT_EQ(client->idle_connections(), 0u);
  ::close(listener);
  ::unlink(path.c_str());
}

TEST_F(ClientTest, AMissingUnixSocketIsUnsentAndKeepsItsPath) {
  ClientRequest wanted = request();
  wanted.endpoint.unix_path = "/nowhere/at/all.sock";
  start(wanted);
  ASSERT_TRUE(finished());
  EXPECT_TRUE(outcome->error().unsent);
  EXPECT_EQ(outcome->error().what.find("/nowhere"), std::string::npos);
}

TEST_F(ClientTest, LargeBodiesGoBothWays) {
  const std::string large(3'000'000, 'x');
  body = {"{\"a\":1}", large};
  start(request());
  RawSocket socket = accepted();
  ASSERT_TRUE(until([&] {
    socket.poll();
    return socket.received.size() > large.size();
  }));
  std::string wire = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 500; ++i) wire += "400\r\n" + std::string(1024, 'y') + "\r\n";
  socket.send(wire + "0\r\n\r\n");
  ASSERT_TRUE(finished());
  EXPECT_EQ((*outcome)->size(), 500u * 1024);
}

TEST_F(ClientTest, TheIdleLeaveThePool) {
  options.idle = Millis(30);
  client.emplace(loop, options, clock);
  start(request());
  RawSocket socket = accepted();
  answer(socket, kShort);
  ASSERT_TRUE(finished());
  EXPECT_TRUE(until_closed(socket));
  EXPECT_EQ(client->idle_connections(), 0u);
}

}  // namespace
}  // namespace orchestra::net
