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

// The lines in front of Content-Length, which alone differs between most requests to one endpoint: what was checked and
// written for the last one serves again while the same is asked for.
class RepeatedLines {
 public:
  // Nothing when the request holds bytes that HTTP forbids. Good until the next call.
  std::optional<std::string_view> of(const ClientRequest& request) {
    if (!repeats(request)) {
      lines_.clear();  // so that a refused request repeats nothing
      if (!valid(request)) return std::nullopt;
      write(request);
    }
    return lines_;
  }

 private:
  bool repeats(const ClientRequest& request) const {
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; };
    return !lines_.empty() && reuse_ == request.reuse && method_ == request.method && target_ == request.target &&
           std::ranges::equal(fields_, request.fields, same);
  }
  void write(const ClientRequest& request) {
    reuse_ = request.reuse;
    method_ = request.method;
    target_ = request.target;
    fields_.assign(request.fields.begin(), request.fields.end());
    lines_.append(method_).append(" ").append(target_).append(" HTTP/1.1\r\nhost: ");
    append_host(lines_, request.endpoint);
    lines_ += "\r\naccept-encoding: identity\r\n";
    for (const auto& [name, value] : fields_) {
      if (!own_field(name)) lines_.append(name).append(": ").append(value).append("\r\n");
    }
    if (!reuse_) lines_ += "connection: close\r\n";
  }

  bool reuse_ = true;
  std::string method_, target_;
  std::vector<std::pair<std::string, std::string>> fields_;
  std::string lines_;
};

std::string request_head(const ClientRequest& request, std::string_view lines) {
  std::size_t body = 0;
  for (const std::string_view piece : request.body) body += piece.size();
  std::string out;
  out.reserve(lines.size() + 64);
  out.append(lines);
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

  struct Upstream {
    std::shared_ptr<Pool> pool;  // shared with the responses that give their connections back
    RepeatedLines lines;
  };
  Upstream& upstream(const Endpoint& endpoint) {
    Upstream& found = upstreams[endpoint];
    if (!found.pool) found.pool = std::make_shared<Pool>(options.idle_per_endpoint, options.idle);
    return found;
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
  std::map<Endpoint, Upstream> upstreams;
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
  for (auto& [endpoint, upstream] : state_->upstreams) upstream.pool->close();
}

std::size_t Client::idle_connections() const noexcept {
  std::size_t count = 0;
  for (const auto& [endpoint, upstream] : state_->upstreams) count += upstream.pool->size();
  return count;
}

Task<std::unique_ptr<ClientResponse>> Client::send(const ClientRequest& request) {
  // Shared: the caller may destroy the Client while this coroutine waits.
  const auto state = state_;
  State::Upstream& upstream = state->upstream(request.endpoint);
  const auto lines = upstream.lines.of(request);
  if (!lines) {
    co_return fail(Error{
        .fault = Fault::kInternal, .what = "The upstream request holds bytes that HTTP forbids.", .unsent = true});
  }
  const auto pool = upstream.pool;
  const std::string head = request_head(request, *lines);
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
