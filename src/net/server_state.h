// What a server's connections share. Internal to net/; loop-bound.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <list>
#include <optional>

#include "net/channel.h"
#include "net/host_guard.h"
#include "net/request_parser.h"
#include "net/server.h"

namespace orchestra::net {

class Connection;

struct ServerState : std::enable_shared_from_this<ServerState> {
  ServerState(boost::asio::io_context& on_loop, ServerOptions with, Handler& to, const Clock& from);

  // The Date line of this second.
  std::string_view date();
  // The answer to what the server itself refuses.
  HttpResponse render_refusal(int status, std::string_view why, std::string_view path) const;
  void accept();
  void leave(std::list<Connection*>::iterator place);

  boost::asio::io_context& loop;
  ServerOptions options;
  HeadLimits head_limits;
  HostGuard guard;
  Handler& handler;
  const Clock& clock;
  std::shared_ptr<Deadlines> deadlines;  // shared with the channels
  ServerStats stats;
  std::list<Connection*> connections;
  std::optional<boost::asio::ssl::context> tls;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor;
  std::uint16_t port = 0;
  bool draining = false;
  Timer drained;  // cancelled when the last connection left

 private:
  void on_accept(boost::system::error_code error,
                 boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor> socket);
  Timer accept_again_;
  boost::asio::ip::tcp::endpoint peer_;
  std::int64_t date_second_ = 0;
  std::string date_;
};

}  // namespace orchestra::net
