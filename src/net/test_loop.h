// What the tests of net/ share: a loop that runs until something is true, a raw client, a scripted raw server.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <optional>
#include <string>

#include "net/client.h"
#include "net/server.h"

namespace orchestra::net {

// A nonblocking loopback socket whose owner reads when it likes.
class RawSocket {
 public:
  explicit RawSocket(int fd) : fd_(fd) {}
  RawSocket(RawSocket&& other) noexcept
      : received(std::move(other.received)), closed(other.closed), fd_(std::exchange(other.fd_, -1)) {}
  RawSocket& operator=(RawSocket&& other) noexcept {
    close();
    received = std::move(other.received);
    closed = other.closed;
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  ~RawSocket() { close(); }
  static RawSocket connect(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << strerror(errno);
    return RawSocket(fd);
  }
  RawSocket& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return *this;
  }
  // Takes what is there into `received`.
  void poll() {
    std::array<char, 65536> buffer;
    while (fd_ >= 0 && !closed) {
      const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (n <= 0) closed = true;
      reset = n < 0;
      if (n > 0) received.append(buffer.data(), static_cast<std::size_t>(n));
    }
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int fd() const { return fd_; }

  std::string received;
  bool closed = false, reset = false;

 private:
  int fd_;
};

class RawListener {
 public:
  RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(fd_, 16), 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
  }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  ~RawListener() { ::close(fd_); }
  std::optional<RawSocket> accept() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return std::nullopt;
    return RawSocket(fd);
  }
  std::uint16_t port = 0;

 private:
  int fd_;
};

class FunctionHandler final : public Handler {
 public:
  std::function<Task<void>(Exchange&)> function;
  bool reads_bodies = true;
  Task<void> handle(Exchange& exchange) override { return function(exchange); }
  bool wants_body(const HttpRequest&) const override { return reads_bodies; }
};

class LoopTest : public testing::Test {
 protected:
  // Runs the loop until `done`; false after five seconds.
  bool until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + Seconds(5);
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      loop.restart();
      loop.run_one_for(Millis(5));
    }
    return true;
  }
  bool until_received(RawSocket& socket, std::string_view text) {
    return until([&] {
      socket.poll();
      return socket.received.find(text) != std::string::npos;
    });
  }
  bool until_closed(RawSocket& socket) {
    return until([&] {
      socket.poll();
      return socket.closed;
    });
  }
  // Runs a coroutine to its end.
  template <class T>
  Result<T> run(Task<T> task) {
    std::optional<Result<T>> outcome;
    boost::asio::co_spawn(loop.get_executor(), std::move(task), [&](std::exception_ptr thrown, Result<T> result) {
      EXPECT_FALSE(thrown);
      outcome.emplace(std::move(result));
    });
    EXPECT_TRUE(until([&] { return outcome.has_value(); }));
    return outcome ? *std::move(outcome) : Result<T>(fail(Fault::kTimeout, "the coroutine did not end"));
  }

  boost::asio::io_context loop{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  SystemClock clock;
};

}  // namespace orchestra::net
