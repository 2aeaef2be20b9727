// The head of a request, as it goes out.
#include "net/test_client.h"

namespace orchestra::net {
namespace {

TEST_F(ClientTest, SendsTheRequestAndReusesTheConnection) {
  start(request());
  RawSocket socket = accepted();
  ASSERT_TRUE(until_received(socket, "{\"a\":1}"));
  EXPECT_EQ(socket.received, fmt::format("POST /v1/x?y HTTP/1.1\r\nhost: 127.0.0.1:{}\r\naccept-encoding: identity\r\n"
                                         "content-type: application/json\r\ncontent-length: 7\r\n\r\n{{\"a\":1}}",
                                         upstream.port));
  keep_response = true;
  answer(socket, kShort);
  ASSERT_TRUE(finished());
  EXPECT_EQ(**outcome, "hello");
  EXPECT_EQ(status, 200);
  EXPECT_EQ(response->fields().find("x-y"), "z");
  EXPECT_EQ(client->idle_connections(), 1u) << "given back at the end, not at the destruction";
  start(request());
  answer(socket, kShort);
  ASSERT_TRUE(finished());
  EXPECT_EQ(**outcome, "hello");
  EXPECT_FALSE(upstream.accept()) << "one connection served both";
}

TEST_F(ClientTest, AFieldThatWouldSplitIsNotSent) {
  fields = {{"authorization", "Bearer x\r\nX-Evil: 1"}};
  start(request());
  ASSERT_TRUE(finished());
  EXPECT_EQ(outcome->error().fault, Fault::kInternal);
  EXPECT_FALSE(upstream.accept());
}

// The head's lines are kept from one request to the next: only equal requests may share them.
TEST_F(ClientTest, EveryRequestGetsItsOwnHead) {
  struct Case {
    std::string_view method, target, value, first_line, field;
  };
  std::optional<RawSocket> socket;
  for (const Case& one : {Case{"POST", "/v1/x?y", "one", "POST /v1/x?y HTTP/1.1\r\n", "\r\nkey: one\r\n"},
                          Case{"POST", "/v1/x?y", "one", "POST /v1/x?y HTTP/1.1\r\n", "\r\nkey: one\r\n"},
                          Case{"POST", "/v1/x?y", "two", "POST /v1/x?y HTTP/1.1\r\n", "\r\nkey: two\r\n"},
                          Case{"POST", "/v1/z", "two", "POST /v1/z HTTP/1.1\r\n", "\r\nkey: two\r\n"},
                          Case{"PUT", "/v1/z", "two", "PUT /v1/z HTTP/1.1\r\n", "\r\nkey: two\r\n"}}) {
    fields = {{"key", one.value}};
    ClientRequest wanted = request(one.method);
    wanted.target = one.target;
    start(wanted);
    if (!socket) socket.emplace(accepted());
    ASSERT_TRUE(until_received(*socket, "{\"a\":1}"));
    EXPECT_TRUE(socket->received.starts_with(one.first_line)) << socket->received;
    EXPECT_TRUE(socket->received.contains(one.field)) << socket->received;
    EXPECT_TRUE(socket->received.contains("content-length: 7\r\n\r\n")) << socket->received;
    socket->received.clear();
    socket->send(kShort);
    ASSERT_TRUE(finished());
  }
}

}  // namespace
}  // namespace orchestra::net
