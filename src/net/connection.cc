#include "net/connection.h"

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/ids.h"
#include "base/log.h"
#include "net/characters.h"

namespace orchestra::net {

namespace asio = boost::asio;

namespace {

// An idle connection keeps its read buffer for so long.
constexpr Micros kParkAfter{Seconds(1)};
constexpr std::size_t kKeptBodyCapacity = 64 * 1024;

std::unexpected<Error> client_left() {
  return fail(Fault::kCancelled, "The client left.");
}

}  // namespace

Connection::Connection(std::shared_ptr<ServerState> state, Socket socket, std::string remote_address)
    : state_(std::move(state)),
      channel_(std::make_shared<Channel>(std::move(socket), state_->deadlines)),
      reservation_(state_->options.budget) {
  request_.remote_address = std::move(remote_address);
  request_.local_port = state_->port;
  request_.surface = state_->options.surface;
  place_ = state_->connections.insert(state_->connections.end(), this);
  state_->stats.open_connections.fetch_add(1, std::memory_order_relaxed);
  channel_->listen_to(this);
}

Connection::~Connection() {
  channel_->listen_to(nullptr);
  channel_->clear();
  channel_->close();
  state_->leave(place_);
}

void Connection::start() {
  auto self = shared_from_this();
  auto slot = gone_signal_.slot();
  asio::co_spawn(state_->loop.get_executor(), run(self),
                 asio::bind_cancellation_slot(slot, [self](std::exception_ptr) {}));
}

void Connection::close_if_idle() {
  closing_ = true;
  if (idle_) channel_->close();
}

void Connection::cut() {
  gone_ = true;
  const auto self = shared_from_this();
  gone_signal_.emit(asio::cancellation_type::terminal);
  channel_->abort();
}

void Connection::on_unawaited_read(Channel&) {
  if (!handling_ || answer_ == Answer::kDone) return;
  if (!channel_->ended()) {
    pipelined_ = true;
    return;
  }
  gone_ = true;
  const auto self = shared_from_this();
  gone_signal_.emit(asio::cancellation_type::terminal);
}

void Connection::on_idle_deadline(Channel&) {}

Awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (self->state_->tls) {
    const TimePoint by = self->state_->deadlines->now() + self->state_->options.limits.header_within;
    if (const auto shaken = co_await self->channel_->handshake(*self->state_->tls, {}, by); !shaken) {
      if (shaken.error().code != Channel::kPlainHttp) co_return;
      co_await self->refuse({400, "This port speaks TLS: use https:// instead of http://."});
      co_return;
    }
  }
  while (co_await self->read_head()) {
    self->take_head();
    if (auto bad = self->check_head()) {
      co_await self->refuse(*bad);
      break;
    }
    if (self->plan_.any && !self->take_whole_body()) {
      if (!self->state_->handler.wants_body(self->request_)) {
        self->pipelined_ = true;
      } else if (!co_await self->read_body()) {
        break;
      }
    }
    // Bytes behind a request are never answered: the first answer says so and the connection ends.
    if (!self->channel_->unread().empty() || self->channel_->more_in_kernel()) self->pipelined_ = true;
    if (!self->pipelined_) self->channel_->start_read();
    const bool fine = self->own_answer() ? co_await self->answer_own() : co_await self->handle();
    self->forget_body();
    if (!fine || self->leaving()) break;
    if (self->keep_alive_ && !self->pipelined_) continue;
    if (self->pipelined_ || !self->channel_->unread().empty()) co_await self->linger();
    break;
  }
  self->channel_->end_tls();
  self->channel_->close();
}

bool Connection::own_answer() const {
  if (request_.method != "OPTIONS") return false;
  return request_.path == "*" || (!cors_lines_.empty() && request_.fields.find("access-control-request-method"));
}

void Connection::forget_body() {
  reservation_.clear();
  if (request_.body.capacity() > kKeptBodyCapacity) request_.body = std::string();
}

// False: there is no request to answer; what had to be said was said.
Awaitable<bool> Connection::read_head() {
  idle_ = channel_->unread().empty();
  if (idle_ && !channel_->ended()) {
    if (closing_) co_return false;
    const ServerLimits& limits = state_->options.limits;
    // A new connection is no kept one: it may take as long as a header before its first byte.
    const Micros patience = fresh_ ? std::max(limits.idle, limits.header_within) : limits.idle;
    const TimePoint now = state_->deadlines->now();
    const TimePoint until = now + patience;
    channel_->set(std::min(until, now + kParkAfter));
    Wake wake = co_await channel_->next_read();
    if (wake == Wake::kDeadline) {
      channel_->park();
      channel_->set(until);
      wake = co_await channel_->next_read();
    }
    if (wake != Wake::kRead) co_return false;
  }
  idle_ = fresh_ = false;
  std::optional<TimePoint> header_by;  // most heads come whole and need none
  std::size_t looked_at = 0;
  while (true) {
    const std::string_view text = channel_->unread_text();
    // Parsing again is worth it only with another line, or for what cannot become a request line (TLS, mostly).
    const bool parse = text.size() > state_->head_limits.line_bytes || text.find('\n', looked_at) != text.npos ||
                       (looked_at == 0 && !text.empty() && !is(text.front(), kToken));
    looked_at = text.size();
    if (parse) {
      const Progress progress = parse_request_head(text, state_->head_limits, head_, refusal_);
      if (progress == Progress::kDone) break;
      if (progress == Progress::kRefused) {
        request_.path.assign(head_.path.empty() ? apparent_path(text) : head_.path);
        co_return co_await refuse(refusal_);
      }
    }
    if (channel_->ended()) co_return false;
    if (!header_by) header_by = state_->deadlines->now() + state_->options.limits.header_within;
    channel_->set(*header_by);
    const Wake wake = co_await channel_->next_read();
    if (wake == Wake::kDeadline) {
      request_.path.assign(apparent_path(channel_->unread_text()));
      co_return co_await refuse({408, "The request's header took too long to arrive."});
    }
    if (wake == Wake::kCancelled) co_return false;
  }
  co_return true;
}

void Connection::take_head() {
  request_.method.assign(head_.method);
  request_.path.assign(head_.path);
  request_.query.assign(head_.query);
  request_.fields.clear();
  request_.body.clear();
  for (const FieldView& field : head_.fields) {
    // The body is handed on inflated.
    if (field.name.size() == 16 && equals_lowered(field.name, "content-encoding")) continue;
    request_.fields.add(field.name, field.value);
  }
  http10_ = head_.minor_version == 0;
  keep_alive_ = head_.keep_alive() && !closing_ && state_->options.limits.idle.count() > 0;
  head_only_ = head_.method == "HEAD";
  answer_ = Answer::kNone;
  pipelined_ = false;
  plan_ = {.length = head_.framing.content_length.value_or(0),
           .chunked = head_.framing.chunked,
           .gzip = false,
           .expect_continue = head_.expect_continue,
           .any = head_.has_body()};
}

std::optional<Refusal> Connection::check_head() {
  cors_lines_.clear();
  if (const auto why = state_->guard.refuse(head_.host, head_.origin)) return Refusal{403, *why};
  if (state_->guard.shares_with(head_.origin)) {
    cors_lines_ = "access-control-allow-origin: ";
    cors_lines_ += head_.origin;
    cors_lines_ += "\r\naccess-control-expose-headers: *\r\nvary: origin\r\n";
  }
  if (!plan_.any || head_.content_encoding.empty() || equals_lowered(head_.content_encoding, "identity")) {
    channel_->consume(head_.size);
    return std::nullopt;
  }
  plan_.gzip = equals_lowered(head_.content_encoding, "gzip") || equals_lowered(head_.content_encoding, "x-gzip");
  channel_->consume(head_.size);
  if (plan_.gzip) return std::nullopt;
  return Refusal{415, "The only Content-Encoding that this server reads is gzip."};
}

Awaitable<bool> Connection::handle() {
  handling_ = true;
  state_->stats.requests.fetch_add(1, std::memory_order_relaxed);
  state_->stats.active_requests.fetch_add(1, std::memory_order_relaxed);
  Result<void> result;
  try {
    result = co_await state_->handler.handle(*this);
  } catch (const std::exception& defect) {
    log::error("A request handler threw: {}. This is a defect; the request was answered 500.", defect.what());
    result = fail(Fault::kInternal, "A defect of this server.");
  }
  state_->stats.active_requests.fetch_sub(1, std::memory_order_relaxed);
  if (answer_ == Answer::kNone && !leaving()) {
    if (result) log::error("A request handler ended without an answer: {} {}", request_.method, request_.path);
    co_await refuse({500, "The server failed. Try again; if it fails again, report the request id."});
    handling_ = false;
    co_return false;
  }
  handling_ = false;
  if (answer_ != Answer::kDone) {
    // Not a clean end: the client must not take what it got for the whole.
    channel_->abort();
    co_return false;
  }
  co_return true;
}

// OPTIONS * and CORS preflights need no handler.
Awaitable<bool> Connection::answer_own() {
  HttpResponse response{.status = 204, .content_type = {}, .body = {}, .fields = {}};
  response.fields.emplace_back("x-request-id", RequestId::make(state_->clock.wall()).text());
  if (request_.path == "*") {
    response.fields.emplace_back("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  } else {
    response.fields.emplace_back("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    const auto wanted = request_.fields.find("access-control-request-headers");
    if (wanted) response.fields.emplace_back("access-control-allow-headers", *wanted);
    response.fields.emplace_back("access-control-max-age", "600");
  }
  handling_ = true;
  const auto sent = co_await respond(std::move(response));
  handling_ = false;
  co_return sent.has_value();
}

// Says why, and ends the connection so that the client can read it.
Awaitable<bool> Connection::refuse(Refusal refusal) {
  state_->stats.refused_requests.fetch_add(1, std::memory_order_relaxed);
  keep_alive_ = false;
  HttpResponse response = state_->render_refusal(refusal.status, refusal.why, request_.path);
  const bool sent = (co_await respond(std::move(response))).has_value();
  if (sent && !channel_->ended()) co_await linger();
  co_return false;
}

// Closing with unread bytes makes the kernel send RST, which can destroy an answer under way: read on for a while.
Awaitable<void> Connection::linger() {
  channel_->shutdown_write();
  const TimePoint until = state_->deadlines->now() + state_->options.limits.linger;
  while (!channel_->ended()) {
    channel_->consume(channel_->unread().size());
    channel_->set(until);
    if (co_await channel_->next_read(Channel::kLargeRead) != Wake::kRead) co_return;
    if (state_->deadlines->now() >= until) co_return;
  }
}

HeadFacts Connection::head_facts() {
  if (closing_) keep_alive_ = false;
  HeadFacts facts;
  facts.close = !keep_alive_ || pipelined_;
  facts.keep_alive = http10_;
  facts.date = state_->date();
  facts.extra = cors_lines_;
  return facts;
}

Awaitable<Result<void>> Connection::send_rest(std::span<const std::string_view> parts, std::size_t written, Sent sent) {
  if (sent == Sent::kStalled) sent = co_await channel_->write_rest(parts, written, state_->options.limits.write_stall);
  if (sent == Sent::kDone) co_return Result<void>();
  broken_ = true;
  co_return client_left();
}

namespace {

bool without_body(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

Task<void> Connection::respond(HttpResponse response) {
  if (leaving()) co_return client_left();
  HeadFacts facts = head_facts();
  facts.form = without_body(response.status) ? BodyForm::kNone : BodyForm::kLength;
  facts.length = response.body.size();
  out_.clear();
  append_response_head(out_, response, facts);
  const bool with_body = facts.form == BodyForm::kLength && !head_only_;
  const std::array<std::string_view, 2> parts = {out_,
                                                 with_body ? std::string_view(response.body) : std::string_view()};
  std::size_t written = 0;
  const Sent sent = channel_->try_write(parts, written);
  if (sent != Sent::kDone) {
    auto rest = co_await send_rest(parts, written, sent);
    if (!rest) co_return rest;
  }
  if (facts.close) keep_alive_ = false;
  answer_ = Answer::kDone;
  co_return Result<void>();
}

Task<void> Connection::begin(HttpResponse head) {
  if (leaving()) co_return client_left();
  chunked_out_ = !http10_ && !without_body(head.status) && !head_only_;
  if (http10_) keep_alive_ = false;
  HeadFacts facts = head_facts();
  if (without_body(head.status)) {
    facts.form = BodyForm::kNone;
  } else {
    facts.form = http10_ ? BodyForm::kUntilClose : BodyForm::kChunked;
  }
  if (without_body(head.status)) head_only_ = true;
  if (facts.close) keep_alive_ = false;
  out_.clear();
  append_response_head(out_, head, facts);
  answer_ = Answer::kStreaming;
  // The first bytes usually follow at once and share the head's write; if the handler waits instead, it goes alone.
  asio::post(state_->loop, [self = shared_from_this()] { self->flush_head(); });
  co_return Result<void>();
}

void Connection::flush_head() {
  if (answer_ != Answer::kStreaming || out_.empty() || leaving() || writing_) return;
  std::size_t written = 0;
  const std::string_view head = out_;
  if (channel_->try_write({&head, 1}, written) == Sent::kBroken) broken_ = true;
  out_.erase(0, written);
}

Task<void> Connection::write(std::string_view bytes) {
  if (leaving()) co_return client_left();
  if (bytes.empty() || head_only_) co_return Result<void>();
  const ChunkHead chunk(bytes.size());
  const std::array<std::string_view, 4> parts = {out_, chunked_out_ ? chunk.text() : std::string_view(), bytes,
                                                 chunked_out_ ? std::string_view("\r\n") : std::string_view()};
  std::size_t written = 0;
  const Sent sent = channel_->try_write(parts, written);
  if (sent != Sent::kDone) {
    writing_ = true;
    auto rest = co_await send_rest(parts, written, sent);
    writing_ = false;
    if (!rest) co_return rest;
  }
  out_.clear();
  co_return Result<void>();
}

Task<void> Connection::finish() {
  if (leaving()) co_return client_left();
  const std::array<std::string_view, 2> parts = {out_, chunked_out_ ? kLastChunk : std::string_view()};
  std::size_t written = 0;
  const Sent sent = channel_->try_write(parts, written);
  if (sent != Sent::kDone) {
    writing_ = true;
    auto rest = co_await send_rest(parts, written, sent);
    writing_ = false;
    if (!rest) co_return rest;
  }
  out_.clear();
  answer_ = Answer::kDone;
  co_return Result<void>();
}

}  // namespace orchestra::net
