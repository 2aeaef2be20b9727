#include "net/client.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/ssl.hpp>
#include <optional>

#include "net/characters.h"
#include "net/client_response.h"
#include "net/connector.h"
#include "net/tls.h"

namespace orchestra::net {

namespace asio = boost::asio;

namespace {

constexpr Micros kWriteStall{Seconds(30)};

// Callers read these sentences: the address stays inside.
Error upstream_error(Fault fault, std::string_view what) {
  return Error{.fault = fault, .what = fmt::format("The upstream {}.", what)};
}

bool own_field(std::string_view name) {
  constexpr std::array<std::string_view, 6> kOwn = {"host",       "content-length",  "transfer-encoding",
                                                    "connection", "accept-encoding", "expect"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) { return equals_lowered(name, own); });
}

// A field that would break out of its line is a defect or an attack; the request is not sent.
bool valid(const ClientRequest& request) {
  for (const auto& [name, value] : request.fields) {
    if (name.empty() || !all_are(name, kToken) || (!value.empty() && !all_are(value, kFieldByte))) return false;
  }
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  return request.target.starts_with('/') && std::ranges::all_of(request.target, printable) &&
         std::ranges::all_of(request.endpoint.host, printable) && all_are(request.method, kToken);
}

void append_host(std::string& out, const Endpoint& endpoint) {
  const bool bare_v6 = endpoint.host.find(':') != std::string::npos && !endpoint.host.starts_with('[');
  if (bare_v6) out += '[';
  out += endpoint.host.empty() ? std::string_view("localhost") : std::string_view(endpoint.host);
  if (bare_v6) out += ']';
  if (endpoint.unix_path.empty() && endpoint.port != (endpoint.tls ? 443 : 80)) {
    out += ':';
    out += std::to_string(endpoint.port);
  }
}

std::string request_head(const ClientRequest& request) {
  std::size_t body = 0;
  for (const std::string_view piece : request.body) body += piece.size();
  std::string out;
  out.reserve(512);
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nhost: ");
  append_host(out, request.endpoint);
  out += "\r\naccept-encoding: identity\r\n";
  for (const auto& [name, value] : request.fields) {
    if (!own_field(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.reuse) out += "connection: close\r\n";
  if (body > 0 || (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE")) {
    out.append("content-length: ").append(std::to_string(body)).append("\r\n");
  }
  out += "\r\n";
  return out;
}

}  // namespace

struct Client::State : std::enable_shared_from_this<Client::State> {
  State(asio::io_context& on_loop, ClientOptions with, const Clock& clock)
      : loop(on_loop),
        options(std::move(with)),
        deadlines(std::make_shared<Deadlines>(loop, clock)),
        book(options.resolved_for, clock) {}

  std::shared_ptr<Pool> pool_of(const Endpoint& endpoint) {
    auto& pool = pools[endpoint];
    if (!pool) pool = std::make_shared<Pool>(options.idle_per_endpoint, options.idle);
    return pool;
  }
  // Made on first use: reading the system's certificate store takes milliseconds.
  Result<asio::ssl::context*> tls_context() {
    if (!tls) {
      TRY(auto context, client_tls(options.ca_file));
      tls.emplace(std::move(context));
    }
    return &*tls;
  }

  Task<std::shared_ptr<Channel>> connect(const ClientRequest& request);

  asio::io_context& loop;
  ClientOptions options;
  std::shared_ptr<Deadlines> deadlines;  // shared with the channels
  AddressBook book;
  std::optional<asio::ssl::context> tls;
  // Shared with the responses that give their connections back.
  std::map<Endpoint, std::shared_ptr<Pool>> pools;
};

Task<std::shared_ptr<Channel>> Client::State::connect(const ClientRequest& request) {
  const TimePoint by = std::min(deadlines->now() + request.connect_within, request.head_by);
  const ConnectLimits limits{.by = by, .next_address_after = options.next_address_after};
  CO_TRY(auto socket, co_await connect_socket(deadlines, book, request.endpoint, limits));
  auto channel = std::make_shared<Channel>(std::move(*socket), deadlines);
  if (request.endpoint.tls) {
    CO_TRY(auto* context, tls_context());
    auto shaken = co_await channel->handshake(*context, request.endpoint.host, by);
    if (!shaken) {
      channel->close();
      Error error = upstream_error(shaken.error().fault, "cannot be reached: " + shaken.error().what);
      error.unsent = true;
      co_return fail(std::move(error));
    }
  }
  co_return channel;
}

// Head and body as one gather write.
class Pieces {
 public:
  Pieces(std::string_view head, std::span<const std::string_view> body) : count_(body.size() + 1) {
    if (count_ > few_.size()) many_.resize(count_);
    std::string_view* const to = count_ > few_.size() ? many_.data() : few_.data();
    to[0] = head;
    std::ranges::copy(body, to + 1);
  }
  std::span<const std::string_view> all() const noexcept {
    return {count_ > few_.size() ? many_.data() : few_.data(), count_};
  }

 private:
  std::size_t count_;
  std::array<std::string_view, 4> few_;
  std::vector<std::string_view> many_;
};

Client::Client(asio::io_context& loop, ClientOptions options, const Clock& clock)
    : state_(std::make_shared<State>(loop, std::move(options), clock)) {}

Client::~Client() {
  for (auto& [endpoint, pool] : state_->pools) pool->close();
}

std::size_t Client::idle_connections() const noexcept {
  std::size_t count = 0;
  for (const auto& [endpoint, pool] : state_->pools) count += pool->size();
  return count;
}

Task<std::unique_ptr<ClientResponse>> Client::send(const ClientRequest& request) {
  if (!valid(request)) {
    co_return fail(Error{
        .fault = Fault::kInternal, .what = "The upstream request holds bytes that HTTP forbids.", .unsent = true});
  }
  // Shared: the caller may destroy the Client while this coroutine waits.
  const auto state = state_;
  const auto pool = state->pool_of(request.endpoint);
  const std::string head = request_head(request);
  const Pieces pieces(head, request.body);
  std::shared_ptr<Channel> channel = request.reuse ? pool->take() : nullptr;
  while (true) {
    const bool reused = channel != nullptr;
    if (!reused) {
      CO_TRY(channel, co_await state->connect(request));
    }
    auto response =
        std::make_unique<UpstreamResponse>(channel, request.reuse ? pool : nullptr, request.method == "HEAD");
    std::size_t written = 0;
    Sent sent = channel->try_write(pieces.all(), written);
    const bool any_sent = written > 0 || sent == Sent::kStalled;
    if (sent == Sent::kStalled)
      sent = co_await channel->write_rest(pieces.all(), written, kWriteStall, request.head_by);
    if (sent == Sent::kCancelled) co_return fail(Fault::kCancelled, "The client left.");
    if (sent == Sent::kStalled) {
      co_return fail(upstream_error(Fault::kTimeout, "does not take the request"));
    }
    // An upstream that refuses early may have closed its reading side: its answer is still worth reading.
    auto read = co_await response->read_head(request.head_by, state->options.head_bytes);
    if (read) co_return std::unique_ptr<ClientResponse>(std::move(response));
    // A kept-alive connection that was closed under our request, before any byte of an answer: once more, on a new one.
    if (!reused || response->any_byte() || read.error().fault != Fault::kUpstream) {
      read.error().unsent = !any_sent;
      co_return fail(std::move(read).error());
    }
    channel = nullptr;
  }
}

}  // namespace orchestra::net
