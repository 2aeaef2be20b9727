#include "net/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/json.h"
#include "base/log.h"
#include "net/connection.h"
#include "net/tls.h"

namespace orchestra::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
constexpr Millis kAcceptAgainAfter{100};

HttpResponse plain_refusal(int status, const Error& error) {
  HttpResponse response{.status = status, .content_type = "application/json", .body = {}, .fields = {}};
  JsonWriter json(response.body);
  json.begin_object().key("error").begin_object();
  json.member("message", error.what).member("type", status < 500 ? "invalid_request_error" : "server_error");
  json.key("param").null().member("code", error.code).end_object().end_object();
  return response;
}

// The nearest Fault and a code of its own for what has none.
Error refusal_error(int status, std::string_view why) {
  Error error{.fault = Fault::kInvalid, .what = std::string(why)};
  switch (status) {
    case 403: error.fault = Fault::kForbidden; break;
    case 405: error.fault = Fault::kMethodNotAllowed; break;
    case 408: error.code = "request_timeout"; break;
    case 413: error.fault = Fault::kTooLarge; break;
    case 414: error.code = "uri_too_long"; break;
    case 415: error.fault = Fault::kUnsupported; break;
    case 417: error.code = "expectation_failed"; break;
    case 431: error.fault = Fault::kHeadersTooLarge; break;
    case 500: error.fault = Fault::kInternal; break;
    case 501: error.code = "not_implemented"; break;
    case 503: error.fault = Fault::kUnavailable; break;
    case 505: error.code = "http_version_not_supported"; break;
    default: break;
  }
  if (error.code.empty()) error.code = fault_code(error.fault);
  return error;
}

}  // namespace

ServerState::ServerState(asio::io_context& on_loop, ServerOptions with, Handler& to, const Clock& from)
    : loop(on_loop),
      options(std::move(with)),
      head_limits{.line_bytes = options.limits.request_line_bytes,
                  .head_bytes = options.limits.header_bytes,
                  .fields = options.limits.header_fields},
      guard(is_loopback(options.address), options.allowed_hosts, options.cors_origins),
      handler(to),
      clock(from),
      deadlines(std::make_shared<Deadlines>(loop, clock)),
      acceptor(loop.get_executor()),
      drained(loop.get_executor()),
      accept_again_(loop.get_executor()) {}

std::string_view ServerState::date() {
  const std::int64_t now = unix_seconds(clock.wall());
  if (now != date_second_) {
    date_second_ = now;
    date_ = date_line(now);
  }
  return date_;
}

HttpResponse ServerState::render_refusal(int status, std::string_view why, std::string_view path) const {
  const Error error = refusal_error(status, why);
  HttpResponse response =
      options.write_refusal ? options.write_refusal(status, error, path) : plain_refusal(status, error);
  response.status = status;
  if (status == 405) response.fields.emplace_back("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (status == 415) response.fields.emplace_back("accept-encoding", "gzip, identity");
  if (status == 503) response.fields.emplace_back("retry-after", "1");
  return response;
}

void ServerState::leave(std::list<Connection*>::iterator place) {
  connections.erase(place);
  stats.open_connections.fetch_sub(1, std::memory_order_relaxed);
  if (connections.empty()) drained.cancel();
}

void ServerState::accept() {
  acceptor.async_accept(peer_,
                        [weak = weak_from_this()](error_code error, asio::basic_stream_socket<tcp, Executor> socket) {
                          if (const auto self = weak.lock()) self->on_accept(error, std::move(socket));
                        });
}

void ServerState::on_accept(error_code error, asio::basic_stream_socket<tcp, Executor> socket) {
  if (!acceptor.is_open()) return;
  if (error == asio::error::operation_aborted) return;
  if (error) {
    // Out of descriptors or memory: the connections that are open may end meanwhile.
    log::warning("Cannot accept a connection: {}. Trying again.", error.message());
    accept_again_.expires_after(kAcceptAgainAfter);
    accept_again_.async_wait([weak = weak_from_this()](error_code cancelled) {
      const auto self = weak.lock();
      if (!cancelled && self && self->acceptor.is_open()) self->accept();
    });
    return;
  }
  stats.connections.fetch_add(1, std::memory_order_relaxed);
  error_code ignored;
  if (connections.size() >= options.limits.connections) {
    stats.refused_requests.fetch_add(1, std::memory_order_relaxed);
    const HttpResponse response =
        render_refusal(503, "This server has as many connections as it may. Try again in a second.", {});
    std::string full;
    append_response_head(full, response,
                         {.form = BodyForm::kLength, .length = response.body.size(), .close = true, .date = date()});
    full += response.body;
    (void)::send(socket.native_handle(), full.data(), full.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    socket.close(ignored);
  } else {
    socket.set_option(tcp::no_delay(true), ignored);
    std::make_shared<Connection>(shared_from_this(), Socket(std::move(socket)), peer_.address().to_string())->start();
  }
  accept();
}

Server::Server(asio::io_context& loop, ServerOptions options, Handler& handler, const Clock& clock)
    : state_(std::make_shared<ServerState>(loop, std::move(options), handler, clock)) {}

Server::~Server() {
  error_code ignored;
  state_->acceptor.close(ignored);
  for (auto place = state_->connections.begin(); place != state_->connections.end();) (*place++)->cut();
}

Result<void> Server::listen() {
  const ServerOptions& options = state_->options;
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(Fault::kInvalid, fmt::format("`{}` is no IPv4 or IPv6 address.", options.address));
  if (options.tls) {
    TRY(auto context, server_tls(options.tls->certificate_file, options.tls->key_file));
    state_->tls.emplace(std::move(context));
  }
  const tcp::endpoint endpoint(address, options.port);
  auto& acceptor = state_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && options.reuse_port) acceptor.set_option(ReusePort(true), error);
  // A listener on ::1 or :: leaves the IPv4 port to its own listener.
  if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (error) {
    error_code ignored;
    acceptor.close(ignored);
    const Fault fault = error == asio::error::address_in_use ? Fault::kConflict : Fault::kInvalid;
    return fail(fault, fmt::format("Cannot listen on {} port {}: {}.", options.address, options.port, error.message()));
  }
  state_->port = acceptor.local_endpoint(error).port();
  state_->accept();
  return {};
}

std::uint16_t Server::port() const noexcept {
  return state_->port;
}

const ServerStats& Server::stats() const noexcept {
  return state_->stats;
}

Task<void> Server::drain(Micros limit) {
  const auto state = state_;
  error_code ignored;
  state->draining = true;
  state->acceptor.close(ignored);
  for (auto place = state->connections.begin(); place != state->connections.end();) (*place++)->close_if_idle();
  for (const Micros wait : {limit, Micros(Seconds(1))}) {
    state->drained.expires_after(wait);
    if (!state->connections.empty()) {
      co_await state->drained.async_wait(asio::as_tuple(asio::use_awaitable_t<Executor>()));
    }
    // What did not end in time is cut; cut connections leave as soon as their handlers have unwound.
    for (auto place = state->connections.begin(); place != state->connections.end();) (*place++)->cut();
    if (state->connections.empty()) break;
  }
  co_return Result<void>();
}

}  // namespace orchestra::net
